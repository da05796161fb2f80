-- One row per CIRCT reading, org unit and day or goal period, in the shape of metric_values.
with

days as (

    select * from {{ ref('circt_by_day') }}

),

goal_periods as (

    select * from {{ ref('int_insights__circt_goal_periods') }}

),

goal_period_readings as (

    select * from {{ ref('int_insights__circt_readings') }}
    where period_kind = 'goal_period'

),

durations as (

    select * from {{ ref('int_insights__circt_durations') }}
    where measure = 'cycle_days'

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

launches_in_goal_periods as (

    select
        goal_periods.org_unit,
        goal_periods.period_start,
        goal_periods.period_end,
        cast(sum(durations.insight_count) as bigint) as launched_count

    from goal_periods
    inner join durations
        on
            goal_periods.org_unit = durations.org_unit
            and goal_periods.period_start <= durations.ended_on
            and goal_periods.last_day >= durations.ended_on
    group by
        goal_periods.org_unit,
        goal_periods.period_start,
        goal_periods.period_end

),

periods as (

    select
        'day' as period_kind,
        org_level,
        squad_id,
        person_id,
        day as period_start,
        {{ days_after('day', 1) }} as period_end,
        p90_launched,
        p90_launched_cont,
        launched_count,
        share_within_45,
        share_within_45_ci_low,
        share_within_45_ci_high,
        within_count,
        started_count,
        {{ float64('null') }} as matured_share,
        cast(null as date) as readable_on

    from days

    union all

    select
        'goal_period' as period_kind,
        goal_periods.org_level,
        goal_periods.squad_id,
        goal_periods.person_id,
        goal_periods.period_start,
        goal_periods.period_end,
        readings.p90_launched,
        readings.p90_launched_cont,
        coalesce(launches.launched_count, 0) as launched_count,
        readings.share as share_within_45,
        readings.ci_low as share_within_45_ci_low,
        readings.ci_high as share_within_45_ci_high,
        goal_periods.within_count,
        goal_periods.started_count,
        case
            when goal_periods.begun_count > 0
                then {{ float64('goal_periods.started_count') }} / goal_periods.begun_count
        end as matured_share,
        case when goal_periods.readable_on > build_clock.as_of_on then goal_periods.readable_on end as readable_on

    from goal_periods
    cross join build_clock
    inner join goal_period_readings as readings
        on
            goal_periods.org_unit = readings.org_unit
            and goal_periods.period_start = readings.period_start
            and goal_periods.period_end = readings.period_end
    left join launches_in_goal_periods as launches
        on
            goal_periods.org_unit = launches.org_unit
            and goal_periods.period_start = launches.period_start
            and goal_periods.period_end = launches.period_end

),

metric_values as (

    select
        periods.*,
        'p90_launched' as reading,
        {{ float64('p90_launched') }} as value,
        'days' as unit

    from periods

    union all

    select
        periods.*,
        'p90_launched_cont' as reading,
        {{ float64('p90_launched_cont') }} as value,
        'days' as unit

    from periods

    union all

    select
        periods.*,
        'share_within_45' as reading,
        share_within_45 as value,
        'share' as unit

    from periods

)

select
    'circt' as metric_id,
    reading,
    org_level,
    squad_id,
    person_id,
    period_kind,
    period_start,
    period_end,
    value,
    unit,
    case when unit = 'share' then {{ float64('within_count') }} end as numerator,
    case when unit = 'share' then {{ float64('started_count') }} end as denominator,
    case when unit = 'share' then started_count else launched_count end as n,
    case when unit = 'share' then share_within_45_ci_low end as ci_low,
    case when unit = 'share' then share_within_45_ci_high end as ci_high,
    case when unit = 'share' then matured_share end as matured_share,
    case when unit = 'share' then readable_on end as readable_on,
    case
        when value is not null then null
        when unit = 'share' then 'no_insights_old_enough'
        else 'no_launches_in_window'
    end as value_reason

from metric_values
