{#- The organisation's local date of a UTC timestamp. -#}
{% macro org_date(timestamp) -%}
    {{ return(adapter.dispatch('org_date', 'product_metrics')(timestamp, var('org_timezone'))) }}
{%- endmacro %}

{% macro default__org_date(timestamp, zone) -%}
    cast(timezone('{{ zone }}', timezone('UTC', {{ timestamp }})) as date)
{%- endmacro %}
