-- One row per kind of CIRCT reading, insight, org unit and goal period: counted, or why not yet.
{{ config(materialized='ephemeral') }}
with

goal_periods as (

    select distinct
        period_start,
        period_end,
        last_day

    from {{ ref('int_insights__circt_goal_periods') }}

),

spans as (

    select
        spans.*,
        limits.last_day as as_of_on,
        limits.old_enough_on,
        case when spans.resolved_on is null then coalesce(spans.reason, 'not_launched_yet') else 'not_launched_yet' end
            as open_reason

    from {{ ref('int_insights__insight_owner_spans') }} as spans
    cross join {{ ref('int_evidence__circt_limits') }} as limits
    {{ unsettled_spans_only('spans', 'limits') }}

)

select
    'launched' as reading_kind,
    spans.org_unit,
    spans.insight_id,
    cast(null as {{ dbt.type_string() }}) as reason,
    spans.resolved_on as event_on,
    spans.cycle_days,
    goal_periods.period_start

from spans
inner join goal_periods
    on
        spans.resolved_on >= goal_periods.period_start
        and spans.resolved_on <= goal_periods.last_day
where not spans.is_open

union all

select
    'launched' as reading_kind,
    spans.org_unit,
    spans.insight_id,
    spans.open_reason as reason,
    spans.started_on as event_on,
    spans.cycle_days,
    goal_periods.period_start

from spans
inner join goal_periods
    on
        spans.from_on <= goal_periods.last_day
        and spans.until_on > goal_periods.last_day
where spans.is_open

union all

-- Whose an insight is today decides, as in the pooled reading itself.
select
    'started' as reading_kind,
    spans.org_unit,
    spans.insight_id,
    case when spans.started_on > spans.old_enough_on then 'too_young' end as reason,
    spans.started_on as event_on,
    spans.cycle_days,
    goal_periods.period_start

from spans
inner join goal_periods
    on
        spans.started_on >= goal_periods.period_start
        and spans.started_on < goal_periods.period_end
where
    spans.from_on <= spans.as_of_on
    and spans.until_on > spans.as_of_on
