{#- A date moved by a whole number of days; a negative count moves it back. -#}
{% macro days_after(date, days) -%}
    {{ return(adapter.dispatch('days_after', 'product_metrics')(date, days)) }}
{%- endmacro %}

{% macro default__days_after(date, days) -%}({{ date }} + cast({{ days }} as integer)){%- endmacro %}
{% macro spark__days_after(date, days) -%}date_add({{ date }}, cast({{ days }} as integer)){%- endmacro %}
