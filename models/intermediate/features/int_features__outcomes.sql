-- One row per shipped feature: whether it has matured, whether it hit, and where a miss comes from.
with

ships as (

    select * from {{ ref('int_features__ships') }}

),

kpi_results as (

    select * from {{ ref('int_features__kpi_results') }}

),

stage_words as (

    select stage_words.*
    from {{ ref('stage_words') }} as stage_words
    inner join {{ ref('stages') }} as stages
        on
            stage_words.stage = stages.stage
            and stages.is_miss_stage

),

counted_kpis as (

    select
        feature_id,
        cast(sum(case when kpi_role = 'primary' then 1 else 0 end) as bigint) as kpi_count,
        cast(sum(case when kpi_role = 'primary' and is_met then 1 else 0 end) as bigint) as kpi_met_count,
        cast(sum(case when kpi_role = 'primary' and is_ever_met then 1 else 0 end) as bigint) as kpi_ever_met_count,
        cast(sum(case when kpi_role = 'guardrail' then 1 else 0 end) as bigint) as guardrail_count,
        cast(sum(case when kpi_role = 'guardrail' and is_read and not is_met then 1 else 0 end) as bigint)
            as guardrail_breach_count,
        cast(sum(case when is_matured and not is_read then 1 else 0 end) as bigint) as unread_count,
        cast(sum(case when kpi_role = 'guardrail' and not is_read then 1 else 0 end) as bigint) as unread_guardrail_count,
        max(final_on) as last_final_on

    from kpi_results
    group by feature_id

),

numbered_reviews as (

    select
        outcome_reviews.feature_id,
        stage_words.stage as miss_stage,
        outcome_reviews.miss_stage as miss_stage_stated,
        row_number() over (
            partition by outcome_reviews.feature_id
            order by outcome_reviews.held_at desc, outcome_reviews.window_days desc
        ) as place_from_last

    from {{ ref('stg_product_ops__outcome_reviews') }} as outcome_reviews
    left join stage_words on outcome_reviews.miss_stage = stage_words.word

),

judged_features as (

    select
        ships.feature_id,
        coalesce(counted_kpis.kpi_count, 0) as kpi_count,
        coalesce(counted_kpis.kpi_met_count, 0) as kpi_met_count,
        coalesce(counted_kpis.guardrail_count, 0) as guardrail_count,
        coalesce(counted_kpis.guardrail_breach_count, 0) as guardrail_breach_count,
        coalesce(counted_kpis.unread_count, 0) as unread_count,
        -- Nothing to wait for: without a success KPI the feature is a miss on the day it ships.
        case
            when coalesce(counted_kpis.kpi_count, 0) = 0 then ships.shipped_on
            else counted_kpis.last_final_on
        end as matured_on,
        coalesce(
            counted_kpis.kpi_count > 0
            and counted_kpis.kpi_met_count = counted_kpis.kpi_count
            and counted_kpis.guardrail_breach_count = 0
            and counted_kpis.unread_guardrail_count = 0, false
        ) as meets_targets,
        coalesce(counted_kpis.kpi_met_count > 0, false) as meets_any_target,
        coalesce(
            counted_kpis.kpi_count > 0
            and counted_kpis.kpi_ever_met_count = counted_kpis.kpi_count, false
        ) as ever_met_targets

    from ships
    left join counted_kpis on ships.feature_id = counted_kpis.feature_id

),

matured_features as (

    select
        judged_features.*,
        judged_features.matured_on <= build_clock.as_of_on as is_matured

    from judged_features
    cross join {{ ref('stg_landing__build_clock') }} as build_clock

)

select
    matured_features.feature_id,
    matured_features.kpi_count,
    matured_features.kpi_met_count,
    matured_features.guardrail_count,
    matured_features.guardrail_breach_count,
    matured_features.unread_count,
    matured_features.matured_on,
    matured_features.is_matured,
    matured_features.is_matured and matured_features.meets_targets as is_hit,
    not matured_features.is_matured and matured_features.meets_targets as is_early_hit,
    matured_features.is_matured and matured_features.meets_any_target as is_any_kpi_met,
    matured_features.is_matured and matured_features.ever_met_targets as is_ever_met,
    case
        when matured_features.is_matured and not matured_features.meets_targets
            then coalesce(last_reviews.miss_stage, 'undiagnosed')
    end as miss_stage,
    case
        when matured_features.is_matured and not matured_features.meets_targets then last_reviews.miss_stage_stated
    end as miss_stage_stated

from matured_features
left join numbered_reviews as last_reviews
    on
        matured_features.feature_id = last_reviews.feature_id
        and last_reviews.place_from_last = 1
