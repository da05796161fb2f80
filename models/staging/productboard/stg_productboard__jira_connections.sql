-- One row per link of a feature to a Jira issue as it stands at as_of.
with

jira_connections as (

    {{ known_rows('productboard', 'jira_connections') }}

)

select
    feature_id,
    issue_id,
    issue_key

from jira_connections
