-- One row per shipped feature: its DDQS at the last honest Develop pass before ship, and who has the credit.
with

ships as (

    select * from {{ ref('int_features__ships') }}

),

scoring_reviews as (

    select * from {{ ref('fct_gate_reviews') }}
    where is_scoring

),

reasoned_scores as (

    select
        ships.feature_id,
        ships.ship_person_id,
        ships.ship_squad_id,
        scoring_reviews.review_id,
        scoring_reviews.person_id,
        scoring_reviews.squad_id,
        scoring_reviews.confidence_score,
        scoring_reviews.interview_count,
        scoring_reviews.customer_count,
        scoring_reviews.count_method,
        scoring_reviews.ipf_failure_count,
        case
            when scoring_reviews.review_id is null then 'no_develop_pass'
            when scoring_reviews.confidence_score is null then 'no_confidence'
            when not scoring_reviews.is_confidence_on_scale then 'confidence_off_scale'
        end as ddqs_reason

    from ships
    left join scoring_reviews on ships.feature_id = scoring_reviews.feature_id

)

select
    feature_id,
    review_id as ddqs_review_id,
    case when ddqs_reason is null then confidence_score + interview_count end as ddqs,
    ddqs_reason,
    confidence_score as ddqs_confidence_score,
    interview_count as ddqs_interview_count,
    customer_count as ddqs_customer_count,
    count_method as ddqs_count_method,
    ipf_failure_count,
    -- Without a score the gap in coverage is the ship owner's.
    case when ddqs_reason is null then person_id else ship_person_id end as ddqs_person_id,
    case when ddqs_reason is null then squad_id else ship_squad_id end as ddqs_squad_id

from reasoned_scores
