-- One row per gate review and interview note that any method offers for its feature: counted, or the reason not.
with

reviews as (

    select * from {{ ref('int_features__gate_decisions') }}

),

links as (

    select * from {{ ref('int_features__interview_links') }}

),

-- A group interview is one note: external if anyone in it is a customer's, held when the first of them was met.
interviews as (

    select
        interview_page_id,
        max(case when is_external then 1 else 0 end) = 1 as has_external_customer,
        min(case when is_external then held_at end) as held_at,
        min(case when is_external then customer_id end) as customer_id

    from {{ ref('stg_product_ops__interviews') }}
    group by interview_page_id

),

candidates as (

    select
        reviews.review_id,
        reviews.feature_id,
        reviews.decided_at,
        links.brief_page_id,
        links.interview_page_id,
        links.count_method,
        links.method_rank,
        links.linked_at,
        interviews.customer_id,
        interviews.held_at,
        case
            when links.linked_at > reviews.decided_at then 'linked_after_gate'
            when links.brief_linked_at > reviews.decided_at then 'brief_linked_after_gate'
            when
                links.known_from_at > reviews.decided_at
                or links.brief_known_from_at > reviews.decided_at
                then 'recorded_after_gate'
        end as late_reason,
        case
            when interviews.interview_page_id is null then 'no_interview_record'
            when not interviews.has_external_customer then 'not_external'
            when interviews.held_at is null then 'held_date_missing'
            when interviews.held_at > reviews.decided_at then 'held_after_gate'
        end as interview_reason

    from reviews
    inner join links on reviews.feature_id = links.feature_id
    left join interviews on links.interview_page_id = interviews.interview_page_id

),

-- The first method that held an entry at the gate counts for the whole review.
methods as (

    select
        review_id,
        min(method_rank) as first_method_rank,
        min(case when late_reason is null then method_rank end) as method_rank_at_gate

    from candidates
    group by review_id

),

reasoned_candidates as (

    select
        candidates.review_id,
        candidates.feature_id,
        candidates.brief_page_id,
        candidates.interview_page_id,
        candidates.customer_id,
        candidates.count_method,
        candidates.linked_at,
        candidates.held_at,
        case
            when candidates.method_rank <> coalesce(methods.method_rank_at_gate, methods.first_method_rank)
                then 'other_count_method'
            else coalesce(candidates.late_reason, candidates.interview_reason)
        end as reason

    from candidates
    inner join methods on candidates.review_id = methods.review_id

),

numbered_candidates as (

    select
        *,
        row_number() over (
            partition by review_id, interview_page_id
            order by case when reason is null then 0 else 1 end, linked_at, brief_page_id, count_method
        ) as place

    from reasoned_candidates

)

select
    review_id,
    feature_id,
    brief_page_id,
    interview_page_id,
    customer_id,
    count_method,
    linked_at,
    held_at,
    reason is null and place = 1 as is_counted,
    case when reason is null and place > 1 then 'duplicate' else reason end as exclusion_reason

from numbered_candidates
