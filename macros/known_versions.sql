{#-
    Every version of a landed row that extracts up to as_of held: the columns of the raw table and
        first_seen_at        the extract that first held this version
        last_seen_at         the last extract known to hold it
        previous_extract_at  the last extract before it that proves it was not yet so; null when it stood in the first one
        is_current           the version that stands at as_of: the newest, and not gone from the newest full extract
    This is the one as-of filter; staging reads raw tables through it and nothing else does.
-#}
{% macro known_versions(source_name, table_name) -%}
    {%- set raw = source(source_name, table_name) -%}
    select
        raw_rows.*,
        presence.first_seen_extract as first_seen_at,
        -- What was seen later was last seen, as far as was known, in the newest extract up to as_of.
        least(presence.last_seen_extract, extracts.newest_extract) as last_seen_at,
        presence.previous_extract as previous_extract_at,
        presence.version_number_from_newest = 1
        and (
            extracts.newest_full_extract is null
            or presence.last_seen_extract >= extracts.newest_full_extract
        ) as is_current
    from (
        select
            *,
            row_number() over (partition by _row_key order by first_seen_extract desc) as version_number_from_newest
        from {{ presence_of(raw) }}
        where first_seen_extract <= {{ as_of_instant() }}
    ) as presence
    inner join {{ raw }} as raw_rows on presence._row_hash = raw_rows._row_hash
    cross join (
        select
            max(extracted_at) as newest_extract,
            max(case when is_full then extracted_at end) as newest_full_extract
        from {{ source('landing', 'raw_extracts') }}
        where
            source = '{{ source_name }}'
            and table_name = '{{ table_name }}'
            and extracted_at <= {{ as_of_instant() }}
    ) as extracts
{%- endmacro %}

{#- The presence of a raw table's rows, which lies beside it. -#}
{% macro presence_of(raw) -%}
    {{- api.Relation.create(
        database=raw.database, schema=raw.schema, identifier=raw.identifier ~ '__presence', type='table'
    ) -}}
{%- endmacro %}

{#- Every version with its first_seen_at and last_seen_at alone, which tell what is new without looking at the rest. -#}
{% macro seen_versions(source_name, table_name) -%}
    {%- set raw = source(source_name, table_name) -%}
    select
        raw_rows.*,
        presence.first_seen_extract as first_seen_at,
        presence.last_seen_extract as last_seen_at
    from {{ presence_of(raw) }} as presence
    inner join {{ raw }} as raw_rows on presence._row_hash = raw_rows._row_hash
    where presence.first_seen_extract <= {{ as_of_instant() }}
{%- endmacro %}

{#- The rows of a landed table as they stood at as_of. -#}
{% macro known_rows(source_name, table_name) -%}
    select * from ({{ known_versions(source_name, table_name) }}) as versions where is_current
{%- endmacro %}
