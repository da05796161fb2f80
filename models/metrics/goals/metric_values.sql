-- One row per metric, reading, organisation unit and period: every published number with its evidence and its verdict.
with

readings as (

    select * from {{ ref('int_goals__metric_readings') }}

),

stated_conditions as (

    select * from {{ ref('int_goals__stated_conditions') }}

),

verdicts as (

    select * from {{ ref('int_goals__verdicts') }}

),

cards as (

    select * from {{ ref('metric_cards') }}

),

judged_readings as (

    select distinct
        metric_id,
        reading
    from {{ ref('goal_conditions') }}

)

select
    readings.metric_id,
    cards.definition_version,
    readings.reading,
    readings.org_level,
    readings.squad_id,
    readings.person_id,
    readings.period_kind,
    readings.period_start,
    readings.period_end,
    build_clock.as_of,
    readings.value,
    readings.unit,
    readings.numerator,
    readings.denominator,
    readings.n,
    readings.ci_low,
    readings.ci_high,
    stated_conditions.target,
    coalesce(verdicts.status, 'no_target') as status,
    coalesce(
        verdicts.status_reason,
        case
            when judged_readings.reading is null then 'No target: this reading stands beside the one that is judged.'
            else 'No target: no goal was in force in this period.'
        end
    ) as status_reason,
    readings.matured_share,
    readings.readable_on,
    readings.value_reason,
    readings.org_unit_id

from readings
cross join {{ ref('stg_landing__build_clock') }} as build_clock
left join cards on readings.metric_id = cards.metric_id
left join judged_readings on readings.metric_id = judged_readings.metric_id and readings.reading = judged_readings.reading
left join
    stated_conditions
    on
        readings.metric_id = stated_conditions.metric_id
        and readings.reading = stated_conditions.reading
        and readings.org_level = stated_conditions.org_level
        and readings.org_unit_id = stated_conditions.org_unit_id
        and readings.period_kind = stated_conditions.period_kind
        and readings.period_start = stated_conditions.period_start
        and readings.period_end = stated_conditions.period_end
left join
    verdicts
    on
        stated_conditions.goal_id = verdicts.goal_id
        and stated_conditions.org_level = verdicts.org_level
        and stated_conditions.org_unit_id = verdicts.org_unit_id
        and stated_conditions.period_kind = verdicts.period_kind
        and stated_conditions.period_start = verdicts.period_start
        and stated_conditions.period_end = verdicts.period_end
