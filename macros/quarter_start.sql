{#- First day of the fiscal quarter that holds a date (var `fiscal_year_start_month`). -#}
{% macro quarter_start(date) -%}
    {%- set shift = (var('fiscal_year_start_month') - 1) % 3 -%}
    {%- if shift == 0 -%}
        cast(date_trunc('quarter', {{ date }}) as date)
    {%- else -%}
        cast(date_trunc('quarter', {{ date }} - interval '{{ shift }} months') + interval '{{ shift }} months' as date)
    {%- endif -%}
{%- endmacro %}

{#- First day of the fiscal quarter after the one that starts on a date. -#}
{% macro next_quarter_start(quarter_start) -%}
    cast({{ quarter_start }} + interval '3 months' as date)
{%- endmacro %}
