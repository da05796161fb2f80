-- The evidence listed for a gate is the evidence counted, unless the count was stated by hand.
select
    reviews.review_id,
    reviews.interview_count,
    count(evidence.review_id) as counted_evidence

from {{ ref('fct_gate_reviews') }} as reviews
left join {{ ref('int_features__interview_evidence') }} as evidence
    on
        reviews.review_id = evidence.review_id
        and evidence.is_counted
where reviews.count_method <> 'interview_override'
group by reviews.review_id, reviews.interview_count
having count(evidence.review_id) <> reviews.interview_count
