-- One row per goal of the cascade.
with

goals as (

    select * from {{ ref('goals') }}

),

links as (

    select * from {{ ref('causal_links') }}

)

select
    goals.goal_id,
    goals.level as goal_level,
    goals.name as goal_name,
    goals.metric_id,
    goals.goal_type,
    goals.period_kind,
    goals.unit,
    goals.baseline,
    goals.baseline_on,
    goals.target,
    goals.period_start,
    goals.period_end,
    goals.owner_id,
    goals.parent_goal_id,
    links.mechanism,
    links.expected_sign,
    links.lag_days,
    links.evidence_grade

from goals
left join links on goals.goal_id = links.lead_goal_id and goals.parent_goal_id = links.lag_goal_id
