{#- A number as text with a fixed count of decimals, halves to the even digit; `thousands` sets separators. -#}
{% macro fixed_decimals(number, decimals, thousands=false) -%}
    {{ return(adapter.dispatch('fixed_decimals', 'product_metrics')(number, decimals, thousands)) }}
{%- endmacro %}

{% macro default__fixed_decimals(number, decimals, thousands) -%}
    format('{:{{ "," if thousands }}.{{ decimals }}f}', {{ float64(number) }})
{%- endmacro %}

{#- format_number always sets separators, and is the one formatter that rounds halves to the even digit. -#}
{% macro spark__fixed_decimals(number, decimals, thousands) -%}
    {%- if thousands -%}
        format_number({{ float64(number) }}, {{ decimals }})
    {%- else -%}
        replace(format_number({{ float64(number) }}, {{ decimals }}), ',', '')
    {%- endif -%}
{%- endmacro %}
