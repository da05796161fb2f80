-- One row per company or squad and segment: whether it expanded, when, and which expanded first.
with

breaks as (

    select * from {{ ref('int_insights__segment_breaks') }}

),

org_units as (

    select * from {{ ref('int_insights__org_units') }}
    where org_level in ('company', 'squad')

),

coaching as (

    select * from {{ ref('coaching') }}

),

bottlenecks as (

    select
        org_unit,
        segment

    from breaks
    where is_bottleneck

)

select
    org_units.org_unit,
    org_units.org_level,
    org_units.squad_id,
    coaching.segment,
    coaching.segment_order,
    breaks.week_count,
    breaks.break_week,
    breaks.median_before as median_days_before,
    breaks.median_after as median_days_after,
    breaks.p_value,
    breaks.p_value_holm,
    coalesce(breaks.has_expanded, false) as has_expanded,
    coalesce(breaks.is_bottleneck, false) as is_bottleneck,
    coalesce(bottlenecks.segment, 'no segment moved') as bottleneck,
    case when breaks.is_bottleneck then coaching.root_cause end as root_cause,
    case when breaks.is_bottleneck then coaching.intervention end as intervention

from org_units
cross join coaching
left join breaks
    on
        org_units.org_unit = breaks.org_unit
        and coaching.segment = breaks.segment
left join bottlenecks on org_units.org_unit = bottlenecks.org_unit
