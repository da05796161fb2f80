{#- A 64-bit float, which dbt's own type_float is not on every engine. -#}
{% macro float64(expression) -%}
    cast({{ expression }} as {{ adapter.dispatch('float64_type', 'product_metrics')() }})
{%- endmacro %}

{% macro default__float64_type() -%}double{%- endmacro %}
{% macro postgres__float64_type() -%}double precision{%- endmacro %}
