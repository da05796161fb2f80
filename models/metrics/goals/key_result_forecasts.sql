-- One row per key result, day and method: where it was expected to stand at the end of its period.
with

evaluations as (

    select
        *,
        {{ days_between('evaluated_on', 'period_end') }} as horizon_days,
        {{ float64('case when (value >= target) = is_higher_better or value = target then 1 else 0 end') }} as p_hit_now,
        {{ float64('null') }} as no_number

    from {{ ref('int_goals__key_result_evaluations') }}
    where goal_type = 'reach' and evaluated_on < period_end and value is not null and target is not null

),

-- The plain rivals of the forecast: the pace so far goes on, and nothing changes any more.
forecasts as (

    {% for method, value, low_80, high_80, low_95, high_95, p_hit in [
        ('mixture', 'forecast', 'low_80', 'high_80', 'low_95', 'high_95', 'p_hit'),
        ('pace', 'pace_forecast', 'no_number', 'no_number', 'no_number', 'no_number', 'no_number'),
        ('last_value', 'value', 'no_number', 'no_number', 'no_number', 'no_number', 'p_hit_now'),
    ] -%}
    select
        key_result_id,
        evaluated_on as made_on,
        period_end as target_on,
        horizon_days,
        '{{ method }}' as method,
        {{ value }} as value,
        {{ low_80 }} as low_80,
        {{ high_80 }} as high_80,
        {{ low_95 }} as low_95,
        {{ high_95 }} as high_95,
        {{ p_hit }} as p_hit,
        points as n_points

    from evaluations
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
)

select * from forecasts
where value is not null
