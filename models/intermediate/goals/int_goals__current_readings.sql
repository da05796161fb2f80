-- One row per goal in force and organisation unit: the reading that is judged today, and the one it is compared with.
-- A maintain goal is judged on the period that holds as_of, a reach goal on the newest period with a value.
with

goal_readings as (

    select * from {{ ref('int_goals__goal_readings') }}

),

ranked_readings as (

    select
        *,
        row_number() over (
            partition by goal_id, org_level, org_unit_id
            order by case when goal_type = 'reach' and value is null then 1 else 0 end, period_start desc, period_end desc
        ) as recency

    from goal_readings

),

current_readings as (

    select * from ranked_readings
    where recency = 1

),

-- A day is compared with the day 90 days before, whose window shares no launch with its own.
earlier_readings as (

    select
        current_readings.goal_id,
        current_readings.org_level,
        current_readings.org_unit_id,
        goal_readings.period_start,
        goal_readings.value,
        goal_readings.status,
        goal_readings.status_reason,
        row_number() over (
            partition by current_readings.goal_id, current_readings.org_level, current_readings.org_unit_id
            order by goal_readings.period_start desc, goal_readings.period_end desc
        ) as recency

    from current_readings
    inner join
        goal_readings
        on
            current_readings.goal_id = goal_readings.goal_id
            and current_readings.org_level = goal_readings.org_level
            and current_readings.org_unit_id = goal_readings.org_unit_id
            and current_readings.period_start > goal_readings.period_start
    where
        (current_readings.goal_type = 'maintain' or goal_readings.value is not null)
        and (
            current_readings.period_kind <> 'day'
            or goal_readings.period_start <= {{ days_after('current_readings.period_start', -90) }}
        )

),

held_periods as (

    select
        goal_id,
        org_level,
        org_unit_id,
        count(case when status = 'winning' then 1 end) as periods_held,
        count(case when status in ('winning', 'losing') then 1 end) as periods_evaluated

    from goal_readings
    where period_start >= in_force_from
    group by goal_id, org_level, org_unit_id

)

select
    current_readings.goal_id,
    current_readings.goal_type,
    current_readings.comparator,
    current_readings.metric_id,
    current_readings.reading,
    current_readings.org_level,
    current_readings.org_unit_id,
    current_readings.squad_id,
    current_readings.person_id,
    current_readings.period_kind,
    current_readings.period_start,
    current_readings.period_end,
    current_readings.value,
    current_readings.unit,
    current_readings.numerator,
    current_readings.denominator,
    current_readings.n,
    current_readings.ci_low,
    current_readings.ci_high,
    current_readings.matured_share,
    current_readings.readable_on,
    current_readings.status,
    current_readings.status_reason,
    earlier_readings.period_start as previous_period_start,
    earlier_readings.value as previous_value,
    earlier_readings.status as previous_status,
    earlier_readings.status_reason as previous_status_reason,
    held_periods.periods_held,
    held_periods.periods_evaluated

from current_readings
left join
    earlier_readings
    on
        current_readings.goal_id = earlier_readings.goal_id
        and current_readings.org_level = earlier_readings.org_level
        and current_readings.org_unit_id = earlier_readings.org_unit_id
        and earlier_readings.recency = 1
left join
    held_periods
    on
        current_readings.goal_id = held_periods.goal_id
        and current_readings.org_level = held_periods.org_level
        and current_readings.org_unit_id = held_periods.org_unit_id
