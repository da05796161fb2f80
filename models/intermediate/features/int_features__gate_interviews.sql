-- One row per gate review: the interviews that count for it and by which method.
with

reviews as (

    select * from {{ ref('int_features__gate_decisions') }}

),

evidence as (

    select * from {{ ref('int_features__interview_evidence') }}

),

counted_notes as (

    select
        review_id,
        max(case when coalesce(exclusion_reason, '') <> 'other_count_method' then count_method end) as count_method,
        cast(sum(case when is_counted then 1 else 0 end) as bigint) as interview_count,
        cast(sum(case when is_counted then 0 else 1 end) as bigint) as excluded_count,
        -- Entries dated in time decide whether a count stated by hand is needed.
        max(case
            when
                exclusion_reason in (
                    'linked_after_gate', 'brief_linked_after_gate', 'recorded_after_gate', 'other_count_method'
                ) then 0
            else 1
        end) = 1 as has_link_at_gate

    from evidence
    group by review_id

),

counted_customers as (

    select
        evidence.review_id,
        count(distinct interviews.customer_id) as customer_count

    from evidence
    inner join {{ ref('stg_product_ops__interviews') }} as interviews
        on
            evidence.interview_page_id = interviews.interview_page_id
            and interviews.is_external
    where evidence.is_counted
    group by evidence.review_id

),

overrides as (

    select
        feature_id,
        interview_count,
        greatest(
            coalesce(recorded_at, previous_extract_at), coalesce(previous_extract_at, recorded_at)
        ) as recorded_from_at

    from {{ ref('stg_product_ops__interview_overrides') }}

)

select
    reviews.review_id,
    case
        when counted_notes.has_link_at_gate then counted_notes.count_method
        when overrides.feature_id is not null then 'interview_override'
        when counted_notes.review_id is not null then counted_notes.count_method
        else 'none'
    end as count_method,
    case
        when counted_notes.has_link_at_gate then counted_notes.interview_count
        else coalesce(overrides.interview_count, 0)
    end as interview_count,
    case when counted_notes.has_link_at_gate then coalesce(counted_customers.customer_count, 0) end as customer_count,
    coalesce(counted_notes.excluded_count, 0) as excluded_interview_count

from reviews
left join counted_notes on reviews.review_id = counted_notes.review_id
left join counted_customers on reviews.review_id = counted_customers.review_id
left join overrides
    on
        reviews.feature_id = overrides.feature_id
        and (reviews.decided_at >= overrides.recorded_from_at or overrides.recorded_from_at is null)
