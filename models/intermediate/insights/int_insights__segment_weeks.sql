-- One row per company or squad, segment, week in which insights left the segment, and number of days it took them.
with

insights as (

    select * from {{ ref('fct_insights') }}
    where state = 'resolved'

),

segments as (

    {% for segment in ['inbox_wait', 'triage', 'validation', 'delivery'] -%}
    select '{{ segment }}' as segment
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

levels as (

    select 'company' as org_level
    union all
    select 'squad' as org_level

),

-- One row per segment of an insight and unit, without reading the insights once for each.
unit_segment_ends as (

    select
        case when levels.org_level = 'company' then 'company' else 'squad:' || insights.squad_id end as org_unit,
        segments.segment,
        case segments.segment
            when 'inbox_wait' then insights.started_on
            when 'triage' then {{ days_after('insights.started_on', 'insights.triage_days') }}
            when 'validation'
                then {{ days_after('insights.started_on', 'insights.triage_days + insights.validation_days') }}
            when 'delivery' then insights.resolved_on
        end as ended_on,
        case segments.segment
            when 'inbox_wait' then insights.inbox_wait_days
            when 'triage' then insights.triage_days
            when 'validation' then insights.validation_days
            when 'delivery' then insights.delivery_days
        end as days

    from insights
    cross join segments
    cross join levels
    where
        levels.org_level = 'company'
        or insights.squad_id is not null

)

select
    org_unit,
    segment,
    {{ week_start('ended_on') }} as week,
    days,
    count(*) as insight_count

from unit_segment_ends
group by
    org_unit,
    segment,
    {{ week_start('ended_on') }},
    days
