-- Values of maintain goals that are called winning and are missing or beyond their target, from the published rows alone.
select
    metric_values.metric_id,
    metric_values.reading,
    metric_values.org_unit_id,
    metric_values.period_start,
    metric_values.value,
    metric_values.target

from {{ ref('metric_values') }} as metric_values
inner join {{ ref('goal_conditions') }} as conditions
    on metric_values.metric_id = conditions.metric_id and metric_values.reading = conditions.reading
inner join {{ ref('goals') }} as goals
    on conditions.goal_id = goals.goal_id and goals.goal_type = 'maintain'
where
    metric_values.status = 'winning'
    and (
        metric_values.value is null
        or (conditions.comparator = '>=' and metric_values.value < metric_values.target)
        or (conditions.comparator = '<=' and metric_values.value > metric_values.target)
    )
