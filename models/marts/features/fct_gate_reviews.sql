-- One row per gate review, with the evidence frozen at the decision and whether it is the one that scores its feature.
with

decisions as (

    select * from {{ ref('int_features__gate_decisions') }}

),

interviews as (

    select * from {{ ref('int_features__gate_interviews') }}

),

briefs_at_gate as (

    select
        decisions.review_id,
        min(briefs.brief_page_id) as brief_page_id,
        count(distinct briefs.brief_page_id) as brief_count,
        max(page_versions.version_number) as brief_version_number

    from decisions
    inner join {{ ref('stg_product_ops__feature_briefs') }} as briefs
        on
            decisions.feature_id = briefs.feature_id
            and (decisions.decided_at >= briefs.linked_at or briefs.linked_at is null)
            and (decisions.decided_at >= briefs.previous_extract_at or briefs.previous_extract_at is null)
    left join {{ ref('stg_confluence__page_versions') }} as page_versions
        on
            briefs.brief_page_id = page_versions.page_id
            and decisions.decided_at >= page_versions.created_at
    group by decisions.review_id

),

ipf_reviews_at_gate as (

    select
        decisions.review_id,
        ipf_reviews.outcome,
        sum(case when ipf_reviews.outcome = 'fail' then 1 else 0 end)
            over (partition by decisions.review_id) as ipf_failure_count,
        row_number() over (
            partition by decisions.review_id
            order by ipf_reviews.decided_at desc, ipf_reviews.review_id desc
        ) as place_from_last

    from decisions
    inner join {{ ref('stg_product_ops__ipf_reviews') }} as ipf_reviews
        on
            decisions.feature_id = ipf_reviews.feature_id
            and decisions.decided_at >= ipf_reviews.decided_at

),

kpis_at_gate as (

    select
        decisions.review_id,
        cast(sum(case when definitions.kpi_role = 'primary' then 1 else 0 end) as bigint) as kpi_count,
        cast(sum(case when definitions.kpi_role = 'guardrail' then 1 else 0 end) as bigint) as guardrail_count

    from decisions
    inner join {{ ref('int_features__kpi_definitions') }} as definitions
        on
            decisions.feature_id = definitions.feature_id
            and decisions.decided_at >= definitions.effective_at
            and (decisions.decided_at < definitions.replaced_at or definitions.replaced_at is null)
    group by decisions.review_id

),

reasoned_decisions as (

    select
        *,
        case
            when stage is null or stage <> 'develop' then 'not_a_develop_gate'
            when not is_pass then 'not_passed'
            when shipped_at is null then 'not_shipped'
            when not is_before_ship then 'decided_after_ship'
            when is_backdated then 'backdated'
        end as reason

    from decisions

),

numbered_decisions as (

    select
        *,
        row_number() over (
            partition by feature_id, reason is null order by decided_at desc, review_id desc
        ) as place_from_last

    from reasoned_decisions

)

select
    numbered_decisions.review_id,
    numbered_decisions.feature_id,
    numbered_decisions.gate,
    numbered_decisions.stage,
    numbered_decisions.stage_position,
    numbered_decisions.outcome,
    numbered_decisions.attempt_number,
    numbered_decisions.attempt_number = 1 and numbered_decisions.is_pass as is_first_pass,
    numbered_decisions.decided_at,
    numbered_decisions.decided_on,
    numbered_decisions.recorded_at,
    numbered_decisions.recorded_by,
    numbered_decisions.recorded_from_on,
    numbered_decisions.is_backdated,
    numbered_decisions.reviewer,
    numbered_decisions.person_id,
    numbered_decisions.squad_id,
    numbered_decisions.confidence_score,
    numbered_decisions.is_confidence_on_scale,
    interviews.interview_count,
    interviews.customer_count,
    interviews.excluded_interview_count,
    interviews.count_method,
    briefs_at_gate.brief_page_id,
    briefs_at_gate.brief_version_number,
    ipf_reviews_at_gate.outcome as ipf_outcome,
    cast(coalesce(ipf_reviews_at_gate.ipf_failure_count, 0) as bigint) as ipf_failure_count,
    cast(coalesce(kpis_at_gate.kpi_count, 0) as bigint) as kpi_count,
    cast(coalesce(kpis_at_gate.guardrail_count, 0) as bigint) as guardrail_count,
    numbered_decisions.reason is null and numbered_decisions.place_from_last = 1 as is_scoring,
    case
        when numbered_decisions.reason is null and numbered_decisions.place_from_last > 1 then 'earlier_pass'
        else numbered_decisions.reason
    end as exclusion_reason

from numbered_decisions
inner join interviews on numbered_decisions.review_id = interviews.review_id
left join briefs_at_gate on numbered_decisions.review_id = briefs_at_gate.review_id
left join ipf_reviews_at_gate
    on
        numbered_decisions.review_id = ipf_reviews_at_gate.review_id
        and ipf_reviews_at_gate.place_from_last = 1
left join kpis_at_gate on numbered_decisions.review_id = kpis_at_gate.review_id
