-- One row per forecast of a key result that has closed since: what was said beside what happened.
with

forecasts as (

    select * from {{ ref('key_result_forecasts') }}

),

evaluations as (

    select * from {{ ref('int_goals__key_result_evaluations') }}

),

closings as (

    select
        key_result_id,
        value as outcome,
        row_number() over (partition by key_result_id order by evaluated_on desc) as recency

    from evaluations
    where status_rule = 'closed'

),

-- A forecast is held against the target that stood when it was made.
outcomes as (

    select
        forecasts.*,
        evaluations.value as last_value,
        closings.outcome,
        (closings.outcome >= evaluations.target) = evaluations.is_higher_better
        or closings.outcome = evaluations.target as is_hit

    from forecasts
    inner join
        evaluations
        on forecasts.key_result_id = evaluations.key_result_id and forecasts.made_on = evaluations.evaluated_on
    inner join closings on forecasts.key_result_id = closings.key_result_id and closings.recency = 1

)

select
    key_result_id,
    made_on,
    method,
    outcome,
    is_hit,
    p_hit,
    power(p_hit - {{ float64('case when is_hit then 1 else 0 end') }}, 2) as brier,
    outcome between low_80 and high_80 as in_80,
    outcome between low_95 and high_95 as in_95,
    outcome - last_value as last_value_error,
    outcome - value as forecast_error

from outcomes
