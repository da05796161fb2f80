-- One row per change of a field of a Jira issue.
with

issue_field_history as (

    {{ known_rows('jira', 'issue_field_history') }}

)

select
    issue_id,
    field_id,
    value as field_value,
    is_active,
    author_id,
    {{ utc_timestamp('time', 'jira') }} as changed_at

from issue_field_history
