{#- The values of some columns as one text, to compare rows by; a null is told from every text. -#}
{% macro as_text(columns) -%}
    {%- for column in columns -%}
        coalesce('=' || cast({{ column }} as {{ dbt.type_string() }}), '-'){{ " || '|' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
