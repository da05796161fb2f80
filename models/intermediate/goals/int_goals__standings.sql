-- One row per goal in force and organisation unit: everything its line on the scoreboard is made of.
with

goals as (

    select * from {{ ref('goals') }}

),

goal_spans as (

    select * from {{ ref('int_goals__goal_spans') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

headline_conditions as (

    select * from {{ ref('goal_conditions') }}
    where condition_number = 1

),

freshness as (

    select * from {{ ref('int_goals__metric_freshness') }}

),

current_readings as (

    select * from {{ ref('int_goals__current_readings') }}

),

stated_conditions as (

    select * from {{ ref('int_goals__stated_conditions') }}
    where condition_number = 1

),

pooled_readings as (

    select * from {{ ref('metric_values') }}
    where period_kind = 'goal_period'

),

-- The company is on the board whatever its data.
goal_units as (

    select
        goal_id,
        org_level,
        org_unit_id,
        squad_id,
        person_id
    from current_readings
    union
    select
        goal_spans.goal_id,
        'company' as org_level,
        'company' as org_unit_id,
        cast(null as {{ dbt.type_string() }}) as squad_id,
        cast(null as {{ dbt.type_string() }}) as person_id

    from goal_spans
    cross join build_clock
    where goal_spans.in_force_until is null or goal_spans.in_force_until > build_clock.as_of_on

)

select
    goals.goal_id,
    goals.level as goal_level,
    goals.name as goal_name,
    goals.goal_type,
    goals.metric_id,
    headline_conditions.reading,
    headline_conditions.comparator,
    goal_units.org_level,
    goal_units.org_unit_id,
    goal_units.squad_id,
    goal_units.person_id,
    goals.period_kind,
    coalesce(current_readings.period_start, goals.period_start) as period_start,
    coalesce(current_readings.period_end, goals.period_end) as period_end,
    build_clock.as_of,
    build_clock.as_of_on,
    current_readings.value,
    goals.unit,
    current_readings.numerator,
    current_readings.denominator,
    current_readings.n,
    current_readings.ci_low,
    current_readings.ci_high,
    current_readings.matured_share,
    headline_conditions.target,
    stated_conditions.expected,
    stated_conditions.condition_count,
    current_readings.readable_on,
    current_readings.status as reading_status,
    current_readings.status_reason as reading_reason,
    current_readings.previous_period_start,
    current_readings.previous_value,
    current_readings.previous_status,
    current_readings.previous_status_reason,
    coalesce(current_readings.periods_held, 0) as periods_held,
    coalesce(current_readings.periods_evaluated, 0) as periods_evaluated,
    goals.period_start as goal_period_start,
    goals.period_end as goal_period_end,
    pooled_readings.value as goal_period_value,
    pooled_readings.n as goal_period_n,
    pooled_readings.status as goal_period_status,
    pooled_readings.status_reason as goal_period_reason,
    freshness.newest_extract_on,
    freshness.max_age_days,
    -- A reach goal's newest value ages; a maintain goal is judged on the period that holds as_of.
    case
        when goals.goal_type = 'reach' then {{ days_between('current_readings.period_end', 'build_clock.as_of_on') }}
    end as value_age_days,
    freshness.is_stale

from goal_units
inner join goals on goal_units.goal_id = goals.goal_id
inner join headline_conditions on goals.goal_id = headline_conditions.goal_id
cross join build_clock
left join freshness on goals.metric_id = freshness.metric_id
left join
    current_readings
    on
        goal_units.goal_id = current_readings.goal_id
        and goal_units.org_level = current_readings.org_level
        and goal_units.org_unit_id = current_readings.org_unit_id
left join
    stated_conditions
    on
        current_readings.goal_id = stated_conditions.goal_id
        and current_readings.org_level = stated_conditions.org_level
        and current_readings.org_unit_id = stated_conditions.org_unit_id
        and current_readings.period_kind = stated_conditions.period_kind
        and current_readings.period_start = stated_conditions.period_start
        and current_readings.period_end = stated_conditions.period_end
left join
    pooled_readings
    on
        goals.metric_id = pooled_readings.metric_id
        and headline_conditions.reading = pooled_readings.reading
        and goal_units.org_level = pooled_readings.org_level
        and goal_units.org_unit_id = pooled_readings.org_unit_id
        and goals.period_start = pooled_readings.period_start
        and goals.period_end = pooled_readings.period_end
