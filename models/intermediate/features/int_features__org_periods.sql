-- One row per metric, org unit and period: every quarter from the first ship to as_of, and the periods of the goals.
with

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

),

ships as (

    select * from {{ ref('int_features__ships') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

org_units as (

    select
        'company' as org_level,
        cast(null as {{ dbt.type_string() }}) as squad_id,
        cast(null as {{ dbt.type_string() }}) as person_id
    union all
    select distinct
        'squad' as org_level,
        squad_id,
        cast(null as {{ dbt.type_string() }}) as person_id

    from owners
    union all
    select distinct
        'person' as org_level,
        cast(null as {{ dbt.type_string() }}) as squad_id,
        person_id

    from owners

),

days as (

    {{ day_spine(
        '(select coalesce(min(ship_quarter_start), (select as_of_on from build_clock)) from ships)',
        '(select as_of_on from build_clock)'
    ) }}

),

quarters as (

    select distinct {{ quarter_start('day') }} as period_start
    from days

),

periods as (

    select
        metrics.metric_id,
        'quarter' as period_kind,
        quarters.period_start,
        {{ next_quarter_start('quarters.period_start') }} as period_end

    from quarters
    cross join (
        select 'ddqs' as metric_id
        union all
        select 'ploar' as metric_id
    ) as metrics
    union
    select
        metric_id,
        'goal_period' as period_kind,
        period_start,
        period_end

    from {{ ref('goals') }}
    where metric_id in ('ddqs', 'ploar')

)

select
    periods.metric_id,
    org_units.org_level,
    org_units.squad_id,
    org_units.person_id,
    coalesce(org_units.person_id, org_units.squad_id, '') as unit_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end,
    {{ days_after('periods.period_end', 'thresholds.last_window_days - 1') }} as final_on,
    {{ days_after(
        'periods.period_end', 'thresholds.last_window_days + thresholds.kpi_grace_days - 1'
    ) }} as final_after_grace_on,
    periods.period_end > build_clock.as_of_on as is_open

from periods
cross join org_units
cross join build_clock
cross join {{ ref('feature_thresholds') }} as thresholds
