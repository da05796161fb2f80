{#- Name of the fiscal quarter that starts on a date, like 2025Q3; a fiscal year is called after the year it ends in. -#}
{% macro fiscal_quarter_name(quarter_start) -%}
    {%- set first_month = var('fiscal_year_start_month') -%}
    cast(
        extract(year from {{ quarter_start }})
        {%- if first_month > 1 %} + case when extract(month from {{ quarter_start }}) >= {{ first_month }} then 1 else 0 end
        {%- endif %} as {{ dbt.type_string() }}
    )
    || 'Q'
    || case
        {%- for quarter in range(1, 5) %}
        when extract(month from {{ quarter_start }}) = {{ (first_month - 1 + 3 * (quarter - 1)) % 12 + 1 }} then '{{ quarter }}'
        {%- endfor %}
    end
{%- endmacro %}
