-- One row per goal, condition, organisation unit and period: the value, what was asked of it, and whether it holds.
{{ config(materialized='view') }}

with

readings as (

    select * from {{ ref('int_goals__metric_readings') }}

),

goals as (

    select * from {{ ref('int_goals__goal_spans') }}

),

conditions as (

    select * from {{ ref('goal_conditions') }}

),

asked_readings as (

    select
        goals.goal_id,
        goals.goal_type,
        goals.baseline,
        goals.baseline_on,
        goals.period_end as due_on,
        goals.condition_count,
        conditions.condition_number,
        conditions.label,
        conditions.comparator,
        conditions.target,
        readings.metric_id,
        readings.reading,
        readings.org_level,
        readings.org_unit_id,
        readings.period_kind,
        readings.period_start,
        readings.period_end,
        readings.read_on,
        readings.value,
        readings.unit,
        readings.n,
        readings.matured_share,
        readings.readable_on,
        readings.value_reason,
        case
            when goals.goal_type = 'maintain' then conditions.target
            when readings.read_on >= goals.period_end then conditions.target
            else
                goals.baseline
                + (conditions.target - goals.baseline)
                * {{ float64(days_between('goals.baseline_on', 'readings.read_on')) }}
                / {{ float64(days_between('goals.baseline_on', 'goals.period_end')) }}
        end as expected

    from conditions
    inner join goals on conditions.goal_id = goals.goal_id
    inner join readings on conditions.metric_id = readings.metric_id and conditions.reading = readings.reading
    where
        (
            readings.period_kind = goals.period_kind
            and readings.period_start >= goals.in_force_from
            and (goals.in_force_until is null or readings.period_start < goals.in_force_until)
        )
        or (
            readings.period_kind = 'goal_period'
            and readings.period_start = goals.period_start
            and readings.period_end = goals.period_end
            and goals.is_pooled
        )

)

select
    *,
    case
        when value is null or expected is null then null
        when comparator = '<=' then value <= expected
        else value >= expected
    end as is_met

from asked_readings
