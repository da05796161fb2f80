{#- A number's text without the zeros after its decimal point: 52.0 is 52, 0.50 is 0.5. -#}
{% macro plain_decimals(text) -%}
    case
        when {{ text }} like '%.%' then trim(trailing '.' from trim(trailing '0' from {{ text }}))
        else {{ text }}
    end
{%- endmacro %}
