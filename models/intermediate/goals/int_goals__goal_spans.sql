-- One row per goal with the days from which and until which its target is the one in force.
with

goals as (

    select * from {{ ref('goals') }}

),

condition_counts as (

    select
        goal_id,
        count(*) as condition_count

    from {{ ref('goal_conditions') }}
    group by goal_id

)

select
    goals.goal_id,
    goals.metric_id,
    goals.goal_type,
    goals.period_kind,
    goals.baseline,
    goals.baseline_on,
    goals.period_start,
    goals.period_end,
    goals.period_start as in_force_from,
    lead(goals.period_start) over (
        partition by goals.metric_id order by goals.period_start, goals.goal_id
    ) as in_force_until,
    row_number() over (
        partition by goals.metric_id, goals.period_start, goals.period_end order by goals.goal_id
    ) = 1 as is_pooled,
    condition_counts.condition_count

from goals
inner join condition_counts on goals.goal_id = condition_counts.goal_id
