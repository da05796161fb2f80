-- A feature's score comes from one decision, and only a shipped feature has one.
select
    reviews.feature_id,
    count(*) as scoring_count

from {{ ref('fct_gate_reviews') }} as reviews
left join {{ ref('fct_features') }} as features on reviews.feature_id = features.feature_id
where reviews.is_scoring
group by reviews.feature_id
having count(*) > 1 or max(features.shipped_at) is null
