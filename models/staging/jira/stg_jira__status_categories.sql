-- One row per Jira status category as it stands at as_of.
with

status_categories as (

    {{ known_rows('jira', 'status_category') }}

)

select
    id as status_category_id,
    name as status_category_name

from status_categories
