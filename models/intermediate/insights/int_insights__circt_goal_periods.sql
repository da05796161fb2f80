-- One row per org unit and goal period that has begun: the insights started in it that are old enough at as_of.
with

goals as (

    select distinct
        period_start,
        period_end

    from {{ ref('goals') }}
    where metric_id = 'circt'

),

spans as (

    select * from {{ ref('int_insights__insight_owner_spans') }}

),

org_units as (

    select * from {{ ref('int_insights__org_units') }}

),

settings as (

    select * from {{ ref('circt_settings') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

periods as (

    select
        goals.period_start,
        goals.period_end,
        least({{ days_after('goals.period_end', -1) }}, build_clock.as_of_on) as last_day,
        {{ days_after('goals.period_end', 'settings.target_days - 1') }} as readable_on,
        {{ days_after('build_clock.as_of_on', '-settings.target_days') }} as old_enough_on,
        build_clock.as_of_on

    from goals
    cross join build_clock
    cross join settings
    where goals.period_start <= build_clock.as_of_on

),

-- Whose an insight is today: the owner at launch of a resolved one, the present owner of an open one.
insights_today as (

    select
        spans.org_unit,
        spans.started_on,
        case when spans.cycle_days <= settings.target_days then 1 else 0 end as within_count

    from spans
    cross join settings
    cross join build_clock
    where
        spans.from_on <= build_clock.as_of_on
        and spans.until_on > build_clock.as_of_on

)

select
    org_units.org_unit,
    org_units.org_level,
    org_units.squad_id,
    org_units.person_id,
    periods.period_start,
    periods.period_end,
    periods.last_day,
    periods.readable_on,
    count(insights_today.started_on) as begun_count,
    cast(coalesce(sum(case when insights_today.started_on <= periods.old_enough_on then 1 else 0 end), 0) as bigint)
        as started_count,
    cast(coalesce(sum(
        case when insights_today.started_on <= periods.old_enough_on then insights_today.within_count else 0 end
    ), 0) as bigint) as within_count

from org_units
cross join periods
left join insights_today
    on
        org_units.org_unit = insights_today.org_unit
        and periods.period_start <= insights_today.started_on
        and periods.period_end > insights_today.started_on
group by
    org_units.org_unit,
    org_units.org_level,
    org_units.squad_id,
    org_units.person_id,
    periods.period_start,
    periods.period_end,
    periods.last_day,
    periods.readable_on
