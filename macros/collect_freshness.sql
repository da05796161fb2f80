{#-
    Freshness of a landed table: its newest extract measured against as_of, where dbt would ask the wall clock. An
    extract that brought no change still counts, so the log of extracts is asked and not the rows.
    (dbt calls this macro without the functions ref and source, hence the relation made by hand.)
-#}
{% macro collect_freshness(source, loaded_at_field, filter) -%}
    {%- set log = api.Relation.create(database=source.database, schema='raw', identifier='raw_extracts') -%}
    {%- call statement('collect_freshness', fetch_result=True, auto_begin=False) -%}
        select
            max(case
                when source = '{{ source.schema | replace("raw_", "") }}' and table_name = '{{ source.identifier }}'
                    then extracted_at
            end) as max_loaded_at,
            {% if var('as_of') %}{{ utc_timestamp("'" ~ var('as_of') ~ "'") }}{% else %}max(extracted_at){% endif %} as snapshotted_at
        from {{ log }}
        {% if var('as_of') %}where extracted_at <= {{ utc_timestamp("'" ~ var('as_of') ~ "'") }}{% endif %}
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{%- endmacro %}
