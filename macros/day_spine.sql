{#- A relation of one date column `day`, every day from the first to the last given (both included). -#}
{% macro day_spine(first_day, last_day) -%}
    {{ return(adapter.dispatch('day_spine', 'product_metrics')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__day_spine(first_day, last_day) -%}
    select cast(spine.day as date) as day
    from generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval '1 day') as spine (day)
{%- endmacro %}

{#- A sequence in Spark would run backwards where the last day is before the first. -#}
{% macro spark__day_spine(first_day, last_day) -%}
    select explode(sequence(bounds.first_day, bounds.last_day, interval 1 day)) as day
    from (select cast({{ first_day }} as date) as first_day, cast({{ last_day }} as date) as last_day) as bounds
    where bounds.first_day <= bounds.last_day
{%- endmacro %}
