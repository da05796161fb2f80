-- One row per insight, org unit and span of days [from_on, until_on) in which the insight counts for that unit.
{{ config(materialized='incremental', meta={'stale': 'insight_id in {touched_notes} or resolved_on is null'}) }}
with

insights as (

    select * from {{ ref('fct_insights') }}
    where
        state in ('resolved', 'open')
        {{ touched_insights_only('insight_id', 'and') }}

),

owners as (

    select * from {{ ref('int_insights__card_owners') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

day_after as (

    select {{ days_after('as_of_on', 1) }} as ends_on
    from build_clock

),

-- While open an insight belongs to the owner, on that day, of the card it was linked to first.
open_spans as (

    select
        insights.insight_id,
        true as is_open,
        owners.person_id,
        owners.squad_id,
        greatest(insights.started_on, owners.owned_from_on) as from_on,
        least(coalesce(insights.resolved_on, day_after.ends_on), coalesce(owners.owned_until_on, day_after.ends_on))
            as until_on

    from insights
    cross join day_after
    inner join owners on insights.first_card_feature_id = owners.card_feature_id

),

-- For good, whatever day it is today.
resolved_spans as (

    select
        insights.insight_id,
        false as is_open,
        insights.person_id,
        insights.squad_id,
        insights.resolved_on as from_on,
        date '9999-12-31' as until_on

    from insights
    where insights.state = 'resolved'

),

company_spans as (

    select
        insights.insight_id,
        true as is_open,
        insights.started_on as from_on,
        coalesce(insights.resolved_on, day_after.ends_on) as until_on

    from insights
    cross join day_after

    union all

    select
        insight_id,
        is_open,
        from_on,
        until_on

    from resolved_spans

),

owned_spans as (

    select * from open_spans
    union all
    select * from resolved_spans

),

unit_spans as (

    select
        insight_id,
        'company' as org_unit,
        is_open,
        from_on,
        until_on

    from company_spans

    union all

    select
        insight_id,
        'squad:' || squad_id as org_unit,
        is_open,
        from_on,
        until_on

    from owned_spans
    where squad_id is not null

    union all

    select
        insight_id,
        'person:' || person_id as org_unit,
        is_open,
        from_on,
        until_on

    from owned_spans
    where person_id is not null

)

select
    unit_spans.insight_id,
    unit_spans.org_unit,
    unit_spans.is_open,
    unit_spans.from_on,
    unit_spans.until_on,
    insights.started_on,
    insights.resolved_on,
    insights.cycle_days,
    insights.reason,
    insights.clock_method

from unit_spans
inner join insights on unit_spans.insight_id = insights.insight_id
where unit_spans.from_on < unit_spans.until_on
