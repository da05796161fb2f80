-- One row per status a feature can have, as it stands at as_of.
with

feature_statuses as (

    {{ known_rows('productboard', 'feature_statuses') }}

)

select
    id as status_id,
    name as status_name,
    completed as is_completed,
    position as status_position

from feature_statuses
