-- One row per org unit, measure, day of launch and number of days: how many insights took that long.
{%- set measures = [
    'cycle_days', 'inbox_wait_days', 'triage_days', 'validation_days', 'delivery_days', 'uncertainty_days'
] %}
with

insights as (

    select * from {{ ref('fct_insights') }}
    where state = 'resolved'

),

spans as (

    select * from {{ ref('int_insights__insight_owner_spans') }}
    where not is_open

),

measures as (

    {% for measure in measures -%}
    select '{{ measure }}' as measure
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

-- One row per measure of an insight, without reading the insights once for each.
durations as (

    select
        spans.org_unit,
        measures.measure,
        insights.resolved_on as ended_on,
        case measures.measure
            {%- for measure in measures %}
            when '{{ measure }}' then insights.{{ measure }}
            {%- endfor %}
        end as days

    from spans
    inner join insights on spans.insight_id = insights.insight_id
    cross join measures

)

select
    org_unit,
    measure,
    ended_on,
    cast(days as integer) as days,
    count(*) as insight_count

from durations
group by org_unit, measure, ended_on, days
