-- One row per note of which something else is known than at the last build; none unless this is a refresh.
{%- if is_refresh() %}
{%- set known_links = last_built('int_insights__note_link_spans', 'intermediate') %}
{%- set known_changes = last_built('int_insights__change_times', 'intermediate') %}
with

touched_notes as (

    select * from {{ ref('stg_productboard__touched_notes') }}

),

touched_features as (

    select * from {{ ref('int_insights__touched_features') }}

),

known_links as (

    select * from {{ known_links }}

),

known_changes as (

    select * from {{ known_changes }}

)

select note_id from touched_notes

union

select known_links.note_id

from known_links
inner join touched_features on known_links.target_id = touched_features.feature_id

union

-- What was taken away at the very instant of the last build still stood then, and does so no more.
select entity_id as note_id
from known_changes
where changed_at >= {{ refresh_since_instant() }}
{%- else %}
{%- if not execute %}
-- depends_on: {{ ref('stg_productboard__touched_notes') }}, {{ ref('int_insights__touched_features') }}
{%- endif %}
select cast(null as {{ dbt.type_string() }}) as note_id
where 1 = 0
{%- endif %}
