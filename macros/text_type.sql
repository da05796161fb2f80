{#- The type of text in a cast; Spark has no `varchar` without a length. -#}
{% macro text_type() -%}
    {{ return(adapter.dispatch('text_type', 'product_metrics')()) }}
{%- endmacro %}

{% macro default__text_type() -%}varchar{%- endmacro %}
{% macro spark__text_type() -%}string{%- endmacro %}
