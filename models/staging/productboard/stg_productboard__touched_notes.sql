-- One row per note of which an extract since the last build says something else; none unless this is a refresh.
{%- set tables = {
    'notes': 'id', 'note_tags': 'note_id', 'note_relationships': 'note_id', 'webhook_events': 'entity_id'
} %}
{%- if is_refresh() %}
-- New content, or content that stood when the tables were built and is gone from the newest full extract.
with

touched as (

    {%- for table, note_id in tables.items() %}
    {%- set known_at, newest_at = full_extracts_around_refresh('productboard', table) %}
    select versions.{{ note_id }} as note_id
    from ({{ seen_versions('productboard', table) }}) as versions
    where
        versions.first_seen_at > {{ refresh_since_instant() }}
    {%- if known_at %}
        or (
            versions.last_seen_at >= timestamp '{{ known_at }}'
            and versions.last_seen_at < timestamp '{{ newest_at }}'
        )
    {%- endif %}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

)

select distinct note_id from touched
{%- else %}
{%- do source('landing', 'raw_extracts') %}
{%- for table in tables %}{% do source('productboard', table) %}{% endfor %}
select cast(null as {{ dbt.type_string() }}) as note_id
where 1 = 0
{%- endif %}
