-- One row per CIRCT reading, org unit, insight (or note that became none) and run of days, or goal period.
{{ config(materialized='ephemeral') }}
with

spans as (

    select
        spans.*,
        org_units.org_level,
        org_units.squad_id,
        org_units.person_id

    from {{ ref('int_insights__insight_owner_spans') }} as spans
    inner join {{ ref('int_insights__org_units') }} as org_units on spans.org_unit = org_units.org_unit

),

limits as (

    select
        settings.target_days,
        settings.window_days,
        build_clock.as_of_on,
        {{ days_after('build_clock.as_of_on', 1) }} as ends_on,
        {{ days_after('build_clock.as_of_on', '-settings.target_days') }} as old_enough_on,
        first_extract.first_day

    from {{ ref('circt_settings') }} as settings
    cross join {{ ref('stg_landing__build_clock') }} as build_clock
    cross join (
        select {{ org_date('min(extracted_at)') }} as first_day
        from {{ ref('int_insights__extract_times') }}
        where table_name = 'notes'
    ) as first_extract

),

goal_periods as (

    select distinct
        period_start,
        period_end,
        last_day

    from {{ ref('int_insights__circt_goal_periods') }}

),

-- What counts for nobody: it is listed where it would have counted for the company.
left_out as (

    select
        'insight' as row_kind,
        insight_id as row_id,
        reason,
        started_on as event_on

    from {{ ref('fct_insights') }}
    where state in ('left_censored', 'excluded')

    union all

    select
        'note' as row_kind,
        left_out_notes.note_id as row_id,
        left_out_notes.reason,
        {{ org_date('min(note_versions.created_at)') }} as event_on

    from {{ ref('int_insights__notes_left_out') }} as left_out_notes
    inner join {{ ref('stg_productboard__note_versions') }} as note_versions on left_out_notes.note_id = note_versions.note_id
    group by left_out_notes.note_id, left_out_notes.reason

),

span_rows as (

    select
        'launched' as reading_group,
        'day' as period_kind,
        spans.*,
        cast(null as varchar) as left_out_reason,
        spans.resolved_on as event_on,
        spans.from_on as first_on,
        {{ days_after('spans.from_on', 'limits.window_days') }} as until

    from spans
    cross join limits
    where not spans.is_open

    union all

    select
        'launched' as reading_group,
        'day' as period_kind,
        spans.*,
        case when spans.resolved_on is null then coalesce(spans.reason, 'not_launched_yet') else 'not_launched_yet' end
            as left_out_reason,
        spans.started_on as event_on,
        spans.from_on as first_on,
        spans.until_on as until

    from spans
    where spans.is_open

    union all

    select
        'started' as reading_group,
        'day' as period_kind,
        spans.*,
        cast(null as varchar) as left_out_reason,
        spans.started_on as event_on,
        greatest(spans.from_on, {{ days_after('spans.started_on', 'limits.target_days') }}) as first_on,
        least(spans.until_on, {{ days_after('spans.started_on', 'limits.target_days + limits.window_days') }}) as until

    from spans
    cross join limits

    union all

    select
        'started' as reading_group,
        'day' as period_kind,
        spans.*,
        'too_young' as left_out_reason,
        spans.started_on as event_on,
        spans.from_on as first_on,
        least(spans.until_on, {{ days_after('spans.started_on', 'limits.target_days') }}) as until

    from spans
    cross join limits

    union all

    select
        'launched' as reading_group,
        'goal_period' as period_kind,
        spans.*,
        case
            when not spans.is_open then null
            when spans.resolved_on is null then coalesce(spans.reason, 'not_launched_yet')
            else 'not_launched_yet'
        end as left_out_reason,
        case when spans.is_open then spans.started_on else spans.resolved_on end as event_on,
        goal_periods.period_start as first_on,
        {{ days_after('goal_periods.period_start', 1) }} as until

    from spans
    inner join goal_periods
        on
            (not spans.is_open and spans.resolved_on between goal_periods.period_start and goal_periods.last_day)
            or (spans.is_open and spans.from_on <= goal_periods.last_day and spans.until_on > goal_periods.last_day)

    union all

    select
        'started' as reading_group,
        'goal_period' as period_kind,
        spans.*,
        case when spans.started_on > limits.old_enough_on then 'too_young' end as left_out_reason,
        spans.started_on as event_on,
        goal_periods.period_start as first_on,
        {{ days_after('goal_periods.period_start', 1) }} as until

    from spans
    cross join limits
    inner join goal_periods
        on spans.started_on >= goal_periods.period_start and spans.started_on < goal_periods.period_end
    where
        spans.from_on <= limits.as_of_on
        and spans.until_on > limits.as_of_on

),

evidence as (

    select
        span_rows.reading_group,
        span_rows.org_level,
        span_rows.squad_id,
        span_rows.person_id,
        span_rows.period_kind,
        case when span_rows.period_kind = 'day' then greatest(span_rows.first_on, limits.first_day) else span_rows.first_on end
            as first_period_start,
        case when span_rows.period_kind = 'day' then least(span_rows.until, limits.ends_on) else span_rows.until end
            as until,
        'insight' as row_kind,
        span_rows.insight_id as row_id,
        span_rows.left_out_reason as reason,
        case when coalesce(span_rows.cycle_days <= limits.target_days, false) then 1 else 0 end as within_count,
        span_rows.cycle_days,
        span_rows.event_on

    from span_rows
    cross join limits

    union all

    select
        reading_groups.reading_group,
        'company' as org_level,
        cast(null as varchar) as squad_id,
        cast(null as varchar) as person_id,
        'day' as period_kind,
        greatest(left_out.event_on, limits.first_day) as first_period_start,
        least(
            {{ days_after('greatest(left_out.event_on, limits.first_day)', 'limits.window_days') }}, limits.ends_on
        ) as until,
        left_out.row_kind,
        left_out.row_id,
        left_out.reason,
        cast(null as integer) as within_count,
        cast(null as integer) as cycle_days,
        left_out.event_on

    from left_out
    cross join limits
    cross join (
        select 'launched' as reading_group
        union all
        select 'started' as reading_group
    ) as reading_groups

    union all

    select
        reading_groups.reading_group,
        'company' as org_level,
        cast(null as varchar) as squad_id,
        cast(null as varchar) as person_id,
        'goal_period' as period_kind,
        goal_periods.period_start as first_period_start,
        {{ days_after('goal_periods.period_start', 1) }} as until,
        left_out.row_kind,
        left_out.row_id,
        left_out.reason,
        cast(null as integer) as within_count,
        cast(null as integer) as cycle_days,
        left_out.event_on

    from left_out
    inner join goal_periods
        on left_out.event_on >= goal_periods.period_start and left_out.event_on < goal_periods.period_end
    cross join (
        select 'launched' as reading_group
        union all
        select 'started' as reading_group
    ) as reading_groups

)

select
    'circt' as metric_id,
    readings.reading,
    evidence.org_level,
    evidence.squad_id,
    evidence.person_id,
    evidence.period_kind,
    evidence.first_period_start,
    {{ days_after('evidence.until', -1) }} as last_period_start,
    evidence.row_kind,
    evidence.row_id,
    evidence.reason,
    case when evidence.reading_group = 'started' then evidence.within_count end as numerator,
    case when evidence.reading_group = 'started' then 1 end as denominator,
    1 as n,
    evidence.cycle_days as amount,
    evidence.event_on

from evidence
inner join (
    select 'launched' as reading_group, 'p90_launched' as reading
    union all
    select 'launched' as reading_group, 'p90_launched_cont' as reading
    union all
    select 'started' as reading_group, 'share_within_45' as reading
) as readings on evidence.reading_group = readings.reading_group
where evidence.first_period_start < evidence.until
