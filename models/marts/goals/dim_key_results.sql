-- One row per key result.
with

key_results as (

    select * from {{ ref('key_results') }}

),

objectives as (

    select * from {{ ref('objectives') }}

),

needed_key_results as (

    select
        dependent_key_result_id,
        {{ dbt.listagg('key_result_id', "'; '", 'order by key_result_id') }} as depends_on

    from {{ ref('key_result_links') }}
    group by dependent_key_result_id

)

select
    key_results.key_result_id,
    key_results.objective_id,
    objectives.objective,
    key_results.name as key_result_name,
    key_results.goal_id,
    key_results.parent_key_result_id,
    needed_key_results.depends_on,
    key_results.measure,
    key_results.metric_id,
    key_results.reading,
    key_results.goal_type,
    key_results.direction,
    key_results.unit,
    key_results.baseline,
    key_results.baseline_on,
    key_results.target,
    key_results.original_target,
    key_results.target_changed_on,
    key_results.target_change_reason,
    key_results.period_start,
    key_results.period_end,
    key_results.org_level,
    key_results.squad_id,
    key_results.owner_id,
    key_results.cadence_days,
    key_results.measurement_lag_days,
    key_results.weight,
    coalesce(key_results.checkin_series, key_results.key_result_id) as checkin_series

from key_results
left join objectives on key_results.objective_id = objectives.objective_id
left join needed_key_results on key_results.key_result_id = needed_key_results.dependent_key_result_id
