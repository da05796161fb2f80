-- One row per kind of CIRCT reading, insight, org unit and run of days [from_on, until_on), or goal period: counted, or why not.
{{ config(materialized='ephemeral') }}
with

limits as (

    select * from {{ ref('int_evidence__circt_limits') }}

),

spans as (

    select
        spans.*,
        limits.last_day as as_of_on,
        limits.old_enough_on,
        limits.target_days,
        limits.window_days,
        case when spans.resolved_on is null then coalesce(spans.reason, 'not_launched_yet') else 'not_launched_yet' end
            as open_reason

    from {{ ref('int_insights__insight_owner_spans') }} as spans
    cross join limits
    {{ unsettled_spans_only('spans', 'limits') }}

),

-- What a span can be in: launches and starts of its days and of each goal period; its days hold it as too young for a
-- start, too. So the spans are read once.
places as (

    select
        periods.*,
        ways.way

    from {{ ref('int_evidence__circt_periods') }} as periods
    cross join (
        {% for way in ['launched', 'started', 'too_young'] -%}
        select '{{ way }}' as way
        {% if not loop.last -%}
        union all
        {% endif -%}
        {% endfor -%}
    ) as ways

)

select
    case places.way when 'launched' then 'launched' else 'started' end as reading_kind,
    spans.org_unit,
    places.period_kind,
    spans.insight_id,
    case
        when places.way = 'launched' and spans.is_open then spans.open_reason
        -- Whose fate is not known yet: before the day on which it will have taken longer than the target.
        when places.way = 'too_young' then 'too_young'
        when places.way = 'started' and places.period_kind = 'goal_period' and spans.started_on > spans.old_enough_on
            then 'too_young'
    end as reason,
    case when places.way = 'launched' and not spans.is_open then spans.resolved_on else spans.started_on end as event_on,
    spans.cycle_days,
    case
        when places.period_kind = 'goal_period' then places.period_start
        when places.way = 'started' then greatest(spans.from_on, {{ days_after('spans.started_on', 'spans.target_days') }})
        else spans.from_on
    end as from_on,
    case
        when places.period_kind = 'goal_period' then {{ days_after('places.period_start', 1) }}
        when places.way = 'launched' and spans.is_open then spans.until_on
        when places.way = 'launched'
            then least(spans.until_on, {{ days_after('spans.resolved_on', 'spans.window_days') }})
        when places.way = 'started'
            then least(
                spans.until_on, {{ days_after('spans.started_on', 'spans.target_days + spans.window_days') }}
            )
        when places.way = 'too_young'
            then least(spans.until_on, {{ days_after('spans.started_on', 'spans.target_days') }})
    end as until_on

from spans
cross join places
where
    places.period_kind = 'day'
    or (
        places.way = 'launched'
        and not spans.is_open
        and spans.resolved_on >= places.period_start
        and spans.resolved_on <= places.last_day
    )
    or (
        places.way = 'launched'
        and spans.is_open
        and spans.from_on <= places.last_day
        and spans.until_on > places.last_day
    )
    -- Whose an insight is today decides, as in the pooled reading itself.
    or (
        places.way = 'started'
        and spans.started_on >= places.period_start
        and spans.started_on < places.period_end
        and spans.from_on <= spans.as_of_on
        and spans.until_on > spans.as_of_on
    )
