{#- format_number always sets separators, and is the one formatter that rounds halves to the even digit. -#}
{% macro spark__fixed_decimals(number, decimals, thousands) -%}
    {%- if thousands -%}
        format_number({{ float64(number) }}, {{ decimals }})
    {%- else -%}
        replace(format_number({{ float64(number) }}, {{ decimals }}), ',', '')
    {%- endif -%}
{%- endmacro %}
