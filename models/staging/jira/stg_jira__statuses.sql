-- One row per Jira status as it stands at as_of.
with

statuses as (

    {{ known_rows('jira', 'status') }}

)

select
    id as status_id,
    name as status_name,
    description as status_description,
    status_category_id

from statuses
