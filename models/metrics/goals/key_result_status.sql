-- One row per key result and day of evaluation: the computed verdict, what it rests on, and a person's own beside it.
with

evaluations as (

    select
        *,
        row_number() over (partition by key_result_id order by evaluated_on desc) = 1 as is_latest

    from {{ ref('int_goals__key_result_evaluations') }}

),

key_results as (

    select * from {{ ref('dim_key_results') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

)

select
    evaluations.key_result_id,
    key_results.objective_id,
    key_results.key_result_name as name,
    evaluations.goal_type,
    key_results.metric_id,
    key_results.owner_id,
    key_results.squad_id,
    evaluations.period_start,
    evaluations.period_end,
    evaluations.evaluated_on,
    build_clock.as_of,
    evaluations.baseline,
    evaluations.target,
    evaluations.value as current_value,
    evaluations.observed_on as current_on,
    key_results.unit,
    evaluations.progress,
    evaluations.expected_progress,
    nullif(evaluations.expected_mode, 'none') as expected_mode,
    evaluations.progress_ratio as pace_ratio,
    evaluations.pace_per_week,
    evaluations.required_pace_per_week as required_per_week,
    evaluations.best_pace_per_week as best_per_week,
    evaluations.p_hit,
    evaluations.forecast as forecast_value,
    evaluations.low_80 as forecast_low_80,
    evaluations.high_80 as forecast_high_80,
    evaluations.status,
    upper(left(evaluations.status_reason, 1)) || substring(evaluations.status_reason, 2) || '.' as status_reason,
    evaluations.readable_on,
    evaluations.confidence,
    evaluations.points as n_points,
    evaluations.matured_share,
    evaluations.status_by_pace_gap as other_rule_pace_gap_status,
    evaluations.status_by_ratio_bands as other_rule_ratio_band_status,
    evaluations.rules_disagree,
    evaluations.status_override as override_status,
    evaluations.override_reason,
    evaluations.override_by,
    evaluations.override_expires_on,
    evaluations.is_override_live,
    evaluations.key_question,
    evaluations.recommendation,
    evaluations.recovery_plan is not null as has_recovery_plan,
    evaluations.recovery_plan,
    evaluations.status = 'off_track' and evaluations.recovery_plan is null as is_escalated,
    evaluations.is_latest,
    evaluations.status_rule,
    key_results.org_level,
    key_results.goal_id,
    evaluations.readings_held,
    evaluations.readings_judged,
    evaluations.pooled_value,
    evaluations.pooled_status

from evaluations
inner join key_results on evaluations.key_result_id = key_results.key_result_id
cross join build_clock
