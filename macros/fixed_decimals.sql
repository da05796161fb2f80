{#- A number as text with a fixed count of decimals, halves to the even digit; `thousands` sets separators. -#}
{% macro fixed_decimals(number, decimals, thousands=false) -%}
    {{ return(adapter.dispatch('fixed_decimals', 'product_metrics')(number, decimals, thousands)) }}
{%- endmacro %}

{% macro default__fixed_decimals(number, decimals, thousands) -%}
    format('{:{{ "," if thousands }}.{{ decimals }}f}', {{ float64(number) }})
{%- endmacro %}

{% macro postgres__fixed_decimals(number, decimals, thousands) -%}
    {%- set whole = '999,999,999,999,990' if thousands else '999999999999990' -%}
    to_char({{ float64(number) }}, 'FM{{ whole }}{{ "." ~ "0" * decimals if decimals }}')
{%- endmacro %}
