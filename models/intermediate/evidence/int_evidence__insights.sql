-- One row per CIRCT reading, org unit, insight (or note that became none) and run of days, or goal period.
{{ config(materialized='ephemeral') }}
{%- set readings = {
    'p90_launched': 'launched', 'p90_launched_cont': 'launched', 'share_within_45': 'started'
} %}
with

limits as (

    select * from {{ ref('int_evidence__circt_limits') }}

),

left_out as (

    select
        left_out.*,
        kinds.reading_kind

    from {{ ref('int_evidence__insights_left_out') }} as left_out
    cross join (
        select 'launched' as reading_kind
        union all
        select 'started' as reading_kind
    ) as kinds

),

goal_periods as (

    select distinct
        period_start,
        period_end

    from {{ ref('int_insights__circt_goal_periods') }}

),

evidence as (

    select
        days.reading_kind,
        days.org_unit,
        'day' as period_kind,
        greatest(days.from_on, limits.first_day) as from_on,
        days.until_on,
        'insight' as row_kind,
        days.insight_id as row_id,
        days.reason,
        days.event_on,
        days.cycle_days

    from {{ ref('int_evidence__insight_days') }} as days
    cross join limits

    union all

    select
        reading_kind,
        org_unit,
        'goal_period' as period_kind,
        period_start as from_on,
        {{ days_after('period_start', 1) }} as until_on,
        'insight' as row_kind,
        insight_id as row_id,
        reason,
        event_on,
        cycle_days

    from {{ ref('int_evidence__insight_goal_periods') }}

    union all

    -- Listed for the company, on the days whose window holds the day on which its clock would have started.
    select
        left_out.reading_kind,
        'company' as org_unit,
        'day' as period_kind,
        greatest(left_out.event_on, limits.first_day) as from_on,
        {{ days_after('greatest(left_out.event_on, limits.first_day)', 'limits.window_days') }} as until_on,
        left_out.row_kind,
        left_out.row_id,
        left_out.reason,
        left_out.event_on,
        cast(null as integer) as cycle_days

    from left_out
    cross join limits

    union all

    select
        left_out.reading_kind,
        'company' as org_unit,
        'goal_period' as period_kind,
        goal_periods.period_start as from_on,
        {{ days_after('goal_periods.period_start', 1) }} as until_on,
        left_out.row_kind,
        left_out.row_id,
        left_out.reason,
        left_out.event_on,
        cast(null as integer) as cycle_days

    from left_out
    inner join goal_periods
        on
            left_out.event_on >= goal_periods.period_start
            and left_out.event_on < goal_periods.period_end

)

select
    'circt' as metric_id,
    readings.reading,
    org_units.org_level,
    org_units.squad_id,
    org_units.person_id,
    evidence.period_kind,
    evidence.from_on as first_period_start,
    least({{ days_after('evidence.until_on', -1) }}, limits.last_day) as last_period_start,
    evidence.row_kind,
    evidence.row_id,
    evidence.reason,
    case
        when readings.reading_kind = 'started' then
            case when coalesce(evidence.cycle_days <= limits.target_days, false) then 1 else 0 end
    end as numerator,
    case when readings.reading_kind = 'started' then 1 end as denominator,
    1 as n,
    evidence.cycle_days as amount,
    evidence.event_on

from evidence
cross join limits
inner join {{ ref('int_insights__org_units') }} as org_units on evidence.org_unit = org_units.org_unit
inner join (
    {% for reading, kind in readings.items() -%}
    select
        '{{ reading }}' as reading,
        '{{ kind }}' as reading_kind
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
) as readings on evidence.reading_kind = readings.reading_kind
where
    evidence.from_on < evidence.until_on
    and evidence.from_on <= limits.last_day
