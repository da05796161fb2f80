{#- Whole seconds from one UTC timestamp to another. -#}
{% macro seconds_between(from_timestamp, to_timestamp) -%}
    {{ return(adapter.dispatch('seconds_between', 'product_metrics')(from_timestamp, to_timestamp)) }}
{%- endmacro %}

{% macro default__seconds_between(from_timestamp, to_timestamp) -%}
    cast(floor(epoch({{ to_timestamp }}) - epoch({{ from_timestamp }})) as bigint)
{%- endmacro %}

{% macro postgres__seconds_between(from_timestamp, to_timestamp) -%}
    cast(floor(extract(epoch from {{ to_timestamp }}) - extract(epoch from {{ from_timestamp }})) as bigint)
{%- endmacro %}
