-- One row per feature, shipped or not: its ship, its score at the Develop gate and its outcome. No subfeatures.
with

features as (

    select * from {{ ref('dim_features') }}
    where not is_subfeature

),

ships as (

    select * from {{ ref('int_features__ships') }}

),

scores as (

    select * from {{ ref('int_features__scores') }}

),

outcomes as (

    select * from {{ ref('int_features__outcomes') }}

),

unknown_ships as (

    select distinct feature_id
    from {{ ref('int_insights__launches') }}
    where is_already_launched_at_first_extract

),

deliver_passes as (

    select
        feature_id,
        min(decided_at) as first_passed_at

    from {{ ref('int_features__gate_decisions') }}
    where
        stage = 'deliver'
        and is_pass
    group by feature_id

),

stage_days as (

    select
        feature_id,
        cast(sum(case when stage = 'discover' then days_in_stage end) as bigint) as discover_days,
        cast(sum(case when stage = 'define' then days_in_stage end) as bigint) as define_days

    from {{ ref('fct_feature_stages') }}
    group by feature_id

)

select
    features.feature_id,
    features.feature_name,
    features.feature_type,
    features.is_in_productboard,
    features.is_archived,
    {{ org_date('features.created_at') }} as created_on,
    ships.shipped_at,
    ships.shipped_on,
    ships.ship_quarter_start,
    ships.ship_method,
    ships.ship_person_id,
    ships.ship_squad_id,
    case
        when ships.feature_id is null and unknown_ships.feature_id is not null then 'launched_before_first_extract'
        when ships.feature_id is null then 'not_shipped'
    end as exclusion_reason,
    ships.withdrawn_at,
    ships.is_withdrawn_early,
    case
        when ships.feature_id is not null
            then coalesce(deliver_passes.first_passed_at <= ships.shipped_at, false)
    end as has_deliver_pass_at_ship,
    scores.ddqs_review_id,
    scores.ddqs,
    scores.ddqs_reason,
    scores.ddqs_confidence_score,
    scores.ddqs_interview_count,
    scores.ddqs_customer_count,
    scores.ddqs_count_method,
    scores.ddqs_person_id,
    scores.ddqs_squad_id,
    scores.ipf_failure_count,
    stage_days.discover_days,
    stage_days.define_days,
    outcomes.kpi_count,
    outcomes.kpi_met_count,
    outcomes.guardrail_count,
    outcomes.guardrail_breach_count,
    outcomes.unread_count,
    outcomes.matured_on,
    outcomes.is_matured,
    outcomes.is_hit,
    outcomes.is_early_hit,
    outcomes.is_any_kpi_met,
    outcomes.is_ever_met,
    outcomes.miss_stage,
    outcomes.miss_stage_stated

from features
left join ships on features.feature_id = ships.feature_id
left join scores on features.feature_id = scores.feature_id
left join outcomes on features.feature_id = outcomes.feature_id
left join unknown_ships on features.feature_id = unknown_ships.feature_id
left join deliver_passes on features.feature_id = deliver_passes.feature_id
left join stage_days on features.feature_id = stage_days.feature_id
