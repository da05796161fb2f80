{#-
    How many days old a source may be, by its name: the freshness its own YAML promises, stated there once and read here
    from dbt's graph. Null for a source that promises nothing.
-#}
{% macro source_max_age_days(column) -%}
    {%- set promises = {} -%}
    {%- if execute and graph is mapping -%}
        {%- for source in graph.get('sources', {}).values() if source.freshness and source.freshness.warn_after.count -%}
            {%- set limit = source.freshness.warn_after -%}
            {%- do promises.update({source.source_name: limit.count // {'day': 1, 'hour': 24, 'minute': 1440}[limit.period]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if promises -%}
        case{% for name, days in promises | dictsort %} when {{ column }} = '{{ name }}' then {{ days }}{% endfor %} end
    {%- else -%}
        cast(null as integer)
    {%- endif -%}
{%- endmacro %}
