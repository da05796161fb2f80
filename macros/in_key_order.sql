{#-
    Orders the rows of a large public table as publishing does, where the table keeps that order: rows that mostly stand in
    it are sorted in half the time.
-#}
{% macro in_key_order(columns) -%}
    {{ return(adapter.dispatch('in_key_order', 'product_metrics')(columns)) }}
{%- endmacro %}

{% macro default__in_key_order(columns) -%}{%- endmacro %}

{% macro duckdb__in_key_order(columns) -%}
    order by {{ columns | join(', ') }}
{%- endmacro %}
