{#- Text as it is compared: lower case, without surrounding blanks and without accents ("Páin " is "pain"). -#}
{% macro normalised_text(text) -%}
    {{ return(adapter.dispatch('normalised_text', 'product_metrics')(text)) }}
{%- endmacro %}

{% macro default__normalised_text(text) -%}lower(trim(strip_accents({{ text }}))){%- endmacro %}
