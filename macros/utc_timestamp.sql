{#-
    UTC timestamp of a landed instant. Landing keeps three forms of ISO text: with a trailing Z (an instant), without
    zone (the source's zone, var `source_timezones`, default UTC) and a bare date (midnight in the organisation's zone).
-#}
{% macro utc_timestamp(column, source_name=none) -%}
    {{ return(adapter.dispatch('utc_timestamp', 'product_metrics')(
        column, var('source_timezones').get(source_name, 'UTC'), var('org_timezone')
    )) }}
{%- endmacro %}

{% macro default__utc_timestamp(column, source_zone, org_zone) -%}
    case
        when length({{ column }}) = 10
            then timezone('UTC', timezone('{{ org_zone }}', cast({{ column }} as timestamp)))
        when {{ column }} like '%Z'
            then cast(substr({{ column }}, 1, length({{ column }}) - 1) as timestamp)
        {%- if source_zone == 'UTC' %}
        else cast({{ column }} as timestamp)
        {%- else %}
        else timezone('UTC', timezone('{{ source_zone }}', cast({{ column }} as timestamp)))
        {%- endif %}
    end
{%- endmacro %}
