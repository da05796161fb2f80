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

levels as (

    select 'company' as org_level
    union all
    select 'squad' as org_level
    union all
    select 'person' as org_level

),

parts as (

    select
        levels.org_level,
        phases.is_open

    from levels
    cross join (
        select true as is_open
        union all
        select false as is_open
    ) as phases

),

-- While open an insight belongs to the owner, on that day, of the card it was linked to first; once it is resolved to
-- the owner at its launch, for good, whatever day it is today.
unit_spans as (

    select
        insights.*,
        parts.is_open,
        case
            when parts.org_level = 'company' then 'company'
            when parts.org_level = 'squad'
                then 'squad:' || case when parts.is_open then owners.squad_id else insights.squad_id end
            when parts.org_level = 'person'
                then 'person:' || case when parts.is_open then owners.person_id else insights.person_id end
        end as org_unit,
        case
            when parts.is_open then greatest(insights.started_on, coalesce(owners.owned_from_on, insights.started_on))
            else insights.resolved_on
        end as from_on,
        case
            when parts.is_open
                then least(
                    coalesce(insights.resolved_on, day_after.ends_on), coalesce(owners.owned_until_on, day_after.ends_on)
                )
            else date '9999-12-31'
        end as until_on

    from insights
    cross join day_after
    cross join parts
    left join owners
        on
            insights.first_card_feature_id = owners.card_feature_id
            and parts.is_open
            and parts.org_level <> 'company'
    where
        parts.is_open
        or insights.state = 'resolved'

)

select
    insight_id,
    org_unit,
    is_open,
    from_on,
    until_on,
    started_on,
    resolved_on,
    cycle_days,
    reason,
    clock_method

from unit_spans
where
    org_unit is not null
    and from_on < until_on
