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

    select * from {{ ref('int_evidence__insights_left_out') }}

),

reading_kinds as (

    select 'launched' as reading_kind
    union all
    select 'started' as reading_kind

),

evidence as (

    select
        runs.reading_kind,
        runs.org_unit,
        runs.period_kind,
        case when runs.period_kind = 'day' then greatest(runs.from_on, limits.first_day) else runs.from_on end as from_on,
        runs.until_on,
        'insight' as row_kind,
        runs.insight_id as row_id,
        runs.reason,
        runs.event_on,
        runs.cycle_days

    from {{ ref('int_evidence__insight_runs') }} as runs
    cross join limits

    union all

    -- Listed for the company, in the goal period and on the days whose window hold the day its clock would have started.
    select
        reading_kinds.reading_kind,
        'company' as org_unit,
        periods.period_kind,
        coalesce(periods.period_start, greatest(left_out.event_on, limits.first_day)) as from_on,
        coalesce(
            {{ days_after('periods.period_start', 1) }},
            {{ days_after('greatest(left_out.event_on, limits.first_day)', 'limits.window_days') }}
        ) as until_on,
        left_out.row_kind,
        left_out.row_id,
        left_out.reason,
        left_out.event_on,
        cast(null as integer) as cycle_days

    from left_out
    cross join limits
    cross join {{ ref('int_evidence__circt_periods') }} as periods
    cross join reading_kinds
    where
        periods.period_kind = 'day'
        or (left_out.event_on >= periods.period_start and left_out.event_on < periods.period_end)

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
