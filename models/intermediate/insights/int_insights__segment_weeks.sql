-- One row per company or squad, segment, week in which insights left the segment, and number of days it took them.
with

insights as (

    select * from {{ ref('fct_insights') }}
    where state = 'resolved'

),

segment_ends as (

    select
        squad_id,
        'inbox_wait' as segment,
        started_on as ended_on,
        inbox_wait_days as days

    from insights

    union all

    select
        squad_id,
        'triage' as segment,
        {{ days_after('started_on', 'triage_days') }} as ended_on,
        triage_days as days

    from insights

    union all

    select
        squad_id,
        'validation' as segment,
        {{ days_after('started_on', 'triage_days + validation_days') }} as ended_on,
        validation_days as days

    from insights

    union all

    select
        squad_id,
        'delivery' as segment,
        resolved_on as ended_on,
        delivery_days as days

    from insights

),

unit_segment_ends as (

    select
        'company' as org_unit,
        segment,
        ended_on,
        days

    from segment_ends

    union all

    select
        'squad:' || squad_id as org_unit,
        segment,
        ended_on,
        days

    from segment_ends
    where squad_id is not null

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
