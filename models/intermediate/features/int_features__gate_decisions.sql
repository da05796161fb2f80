-- One row per gate review of a feature, with its stage, its attempt, the owner at that moment and the ship it preceded.
with

reviews as (

    select * from {{ ref('stg_product_ops__stage_gate_reviews') }}

),

features as (

    select * from {{ ref('dim_features') }}

),

stage_words as (

    select * from {{ ref('stage_words') }}

),

stages as (

    select * from {{ ref('stages') }}

),

confidence_scale as (

    select * from {{ ref('confidence_scale') }}

),

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

),

ships as (

    select * from {{ ref('int_features__ships') }}

),

dated_reviews as (

    select
        reviews.*,
        stages.stage,
        stages.stage_position,
        reviews.outcome = 'pass' as is_pass,
        -- A row proven absent by an extract was written down after it, whatever it says.
        greatest(
            coalesce(reviews.recorded_at, reviews.previous_extract_at),
            coalesce(reviews.previous_extract_at, reviews.recorded_at)
        ) as recorded_from_at

    from reviews
    inner join features
        on
            reviews.feature_id = features.feature_id
            and not features.is_subfeature
    left join stage_words on reviews.gate = stage_words.word
    left join stages on stage_words.stage = stages.stage

)

select
    dated_reviews.review_id,
    dated_reviews.feature_id,
    dated_reviews.gate,
    dated_reviews.stage,
    dated_reviews.stage_position,
    dated_reviews.outcome,
    dated_reviews.is_pass,
    dated_reviews.confidence_score,
    confidence_scale.confidence_score is not null as is_confidence_on_scale,
    dated_reviews.reviewer,
    dated_reviews.decided_at,
    {{ org_date('dated_reviews.decided_at') }} as decided_on,
    dated_reviews.recorded_at,
    dated_reviews.recorded_by,
    {{ org_date('dated_reviews.recorded_from_at') }} as recorded_from_on,
    row_number() over (
        partition by dated_reviews.feature_id, dated_reviews.stage
        order by dated_reviews.decided_at, dated_reviews.review_id
    ) as attempt_number,
    ships.shipped_at,
    coalesce(dated_reviews.decided_at <= ships.shipped_at, true) as is_before_ship,
    coalesce(
        dated_reviews.decided_at <= ships.shipped_at
        and {{ org_date('dated_reviews.recorded_from_at') }} > ships.shipped_on, false
    ) as is_backdated,
    owners.person_id,
    owners.squad_id

from dated_reviews
left join confidence_scale on dated_reviews.confidence_score = confidence_scale.confidence_score
left join ships on dated_reviews.feature_id = ships.feature_id
left join owners
    on
        dated_reviews.feature_id = owners.feature_id
        and dated_reviews.decided_at >= owners.owned_from_at
        and (dated_reviews.decided_at < owners.owned_until_at or owners.owned_until_at is null)
