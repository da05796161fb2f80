{#- A number as text with a fixed count of decimals, halves to the even digit; `thousands` sets separators. -#}
{% macro fixed_decimals(number, decimals, thousands=false) -%}
    {{ return(adapter.dispatch('fixed_decimals', 'product_metrics')(number, decimals, thousands)) }}
{%- endmacro %}

{% macro default__fixed_decimals(number, decimals, thousands) -%}
    format('{:{{ "," if thousands }}.{{ decimals }}f}', {{ float64(number) }})
{%- endmacro %}
