-- One row per open insight: how old it is, when it will have taken more than 45 days, and where its card stands.
with

insights as (

    select * from {{ ref('fct_insights') }}
    where state = 'open'

),

entries as (

    select * from {{ ref('int_insights__card_stage_entries') }}

),

stages as (

    select * from {{ ref('card_stages') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

card_ranks as (

    select
        entries.feature_id,
        max(stages.stage_rank) as stage_rank

    from entries
    inner join stages on entries.stage = stages.stage
    group by entries.feature_id

)

select
    insights.insight_id,
    insights.started_on,
    insights.age_days,
    insights.breaks_45_on,
    insights.breaks_45_on <= build_clock.as_of_on as is_overdue,
    insights.reason,
    insights.first_card_feature_id,
    stages.stage as furthest_stage,
    insights.person_id,
    insights.squad_id

from insights
cross join build_clock
left join card_ranks on insights.first_card_feature_id = card_ranks.feature_id
left join stages on card_ranks.stage_rank = stages.stage_rank
