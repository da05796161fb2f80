-- One row per Jira issue as it stands at as_of.
with

issues as (

    {{ known_rows('jira', 'issue') }}

)

select
    id as issue_id,
    key as issue_key,
    summary as issue_summary,
    status as status_id,
    issue_type,
    {{ utc_timestamp('created', 'jira') }} as created_at,
    {{ utc_timestamp('updated', 'jira') }} as updated_at,
    {{ utc_timestamp('resolved', 'jira') }} as resolved_at

from issues
