-- Goals whose first condition is missing, or of another metric, or of another target than the goal's.
select
    goals.goal_id,
    goals.metric_id,
    goals.target,
    conditions.metric_id as condition_metric_id,
    conditions.target as condition_target

from {{ ref('goals') }} as goals
left join {{ ref('goal_conditions') }} as conditions
    on goals.goal_id = conditions.goal_id and conditions.condition_number = 1
where
    conditions.goal_id is null
    or conditions.metric_id <> goals.metric_id
    or conditions.target <> goals.target
