{#- A 64-bit float as text, with a decimal even where it is whole: 2.0, 0.25. -#}
{% macro number_text(number) -%}
    {{ return(adapter.dispatch('number_text', 'product_metrics')(number)) }}
{%- endmacro %}

{% macro default__number_text(number) -%}cast({{ number }} as {{ dbt.type_string() }}){%- endmacro %}

{#- PostgreSQL leaves the decimal of a whole number out. -#}
{% macro postgres__number_text(number) -%}
    regexp_replace(cast({{ number }} as {{ dbt.type_string() }}), '^(-?[0-9]+)$', '\1.0')
{%- endmacro %}
