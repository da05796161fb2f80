{#-
    A column as a contract compares it. Spark numbers and counts some things in 32 bits where the others use 64; the
    table is written with the contract's type (materialization `table`).
-#}
{% macro spark__format_column(column) -%}
    {%- set data_type = 'bigint' if column.dtype == 'int' else column.dtype -%}
    {{ return({'name': column.name, 'data_type': data_type, 'formatted': column.column.lower() ~ ' ' ~ data_type}) }}
{%- endmacro %}
