-- One row per key result.
select
    key_result_id,
    objective,
    name as key_result_name,
    goal_id,
    metric_id,
    reading,
    unit,
    baseline,
    baseline_on,
    target,
    period_start,
    period_end,
    owner_id,
    cadence_days,
    measurement_lag_days,
    weight

from {{ ref('key_results') }}
