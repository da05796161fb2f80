-- One row per Jira field as it stands at as_of.
with

fields as (

    {{ known_rows('jira', 'field') }}

)

select
    id as field_id,
    name as field_name,
    is_custom

from fields
