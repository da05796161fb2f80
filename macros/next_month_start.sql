{#- First day of the month after the one that starts on a date. -#}
{% macro next_month_start(month_start) -%}
    cast({{ month_start }} + interval '1 month' as date)
{%- endmacro %}
