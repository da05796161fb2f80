-- One row per kind of CIRCT reading, insight, org unit and run of days [from_on, until_on): counted, or why not yet.
{{ config(materialized='ephemeral') }}
with

spans as (

    select
        spans.*,
        limits.target_days,
        limits.window_days,
        case when spans.resolved_on is null then coalesce(spans.reason, 'not_launched_yet') else 'not_launched_yet' end
            as open_reason

    from {{ ref('int_insights__insight_owner_spans') }} as spans
    cross join {{ ref('int_evidence__circt_limits') }} as limits
    {{ unsettled_spans_only('spans', 'limits') }}

)

select
    'launched' as reading_kind,
    org_unit,
    insight_id,
    cast(null as {{ dbt.type_string() }}) as reason,
    resolved_on as event_on,
    cycle_days,
    from_on,
    least(until_on, {{ days_after('resolved_on', 'window_days') }}) as until_on

from spans
where not is_open

union all

select
    'launched' as reading_kind,
    org_unit,
    insight_id,
    open_reason as reason,
    started_on as event_on,
    cycle_days,
    from_on,
    until_on

from spans
where is_open

union all

select
    'started' as reading_kind,
    org_unit,
    insight_id,
    cast(null as {{ dbt.type_string() }}) as reason,
    started_on as event_on,
    cycle_days,
    greatest(from_on, {{ days_after('started_on', 'target_days') }}) as from_on,
    least(until_on, {{ days_after('started_on', 'target_days + window_days') }}) as until_on

from spans

union all

-- Whose fate is not known yet: before the day on which it will have taken longer than the target.
select
    'started' as reading_kind,
    org_unit,
    insight_id,
    'too_young' as reason,
    started_on as event_on,
    cycle_days,
    from_on,
    least(until_on, {{ days_after('started_on', 'target_days') }}) as until_on

from spans
