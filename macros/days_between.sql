{#- Whole calendar days from one date to another. -#}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between', 'product_metrics')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}cast({{ to_date }} - {{ from_date }} as bigint){%- endmacro %}
{% macro spark__days_between(from_date, to_date) -%}cast(datediff({{ to_date }}, {{ from_date }}) as bigint){%- endmacro %}
