{#- Spark trims the ASCII blank alone. -#}
{% macro spark__trimmed(text) -%}trim(both '{{ blanks('\\u') }}' from {{ text }}){%- endmacro %}
