-- One row per goal in force, organisation unit and period up to as_of: the headline reading with its verdict.
{{ config(materialized='view') }}

with

metric_values as (

    select * from {{ ref('metric_values') }}

),

goal_spans as (

    select * from {{ ref('int_goals__goal_spans') }}

),

headline_conditions as (

    select * from {{ ref('goal_conditions') }}
    where condition_number = 1

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

)

select
    goal_spans.goal_id,
    goal_spans.goal_type,
    goal_spans.in_force_from,
    headline_conditions.comparator,
    metric_values.*

from metric_values
inner join
    headline_conditions
    on metric_values.metric_id = headline_conditions.metric_id and metric_values.reading = headline_conditions.reading
inner join
    goal_spans
    on headline_conditions.goal_id = goal_spans.goal_id and metric_values.period_kind = goal_spans.period_kind
cross join build_clock
where
    metric_values.period_start <= build_clock.as_of_on
    and goal_spans.in_force_from <= build_clock.as_of_on
    and (goal_spans.in_force_until is null or goal_spans.in_force_until > build_clock.as_of_on)
