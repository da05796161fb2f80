-- One row per thing about a gate's evidence that changed after the decision; none of it moves a score.
with

reviews as (

    select * from {{ ref('stg_product_ops__stage_gate_reviews') }}

),

versions as (

    select * from {{ ref('stg_product_ops__stage_gate_review_versions') }}

),

gate_reviews as (

    select * from {{ ref('fct_gate_reviews') }}

),

-- A version that comes back (A, B, A) is not a change from the first one.
edits as (

    select
        versions.review_id,
        reviews.confidence_score as first_confidence_score,
        versions.confidence_score,
        reviews.outcome as first_outcome,
        versions.outcome,
        reviews.decided_at as first_decided_at,
        versions.decided_at,
        versions.first_seen_at

    from versions
    inner join reviews on versions.review_id = reviews.review_id
    where versions.first_seen_at > reviews.first_seen_at

),

changes as (

    select
        review_id,
        'confidence_score' as changed,
        review_id as changed_id,
        coalesce({{ number_text('first_confidence_score') }}, 'not stated') as value_at_gate,
        coalesce({{ number_text('confidence_score') }}, 'not stated') as value_later,
        min(first_seen_at) as changed_at

    from edits
    where coalesce(confidence_score, -1) <> coalesce(first_confidence_score, -1)
    group by review_id, first_confidence_score, confidence_score
    union all
    select
        review_id,
        'outcome' as changed,
        review_id as changed_id,
        first_outcome as value_at_gate,
        outcome as value_later,
        min(first_seen_at) as changed_at

    from edits
    where outcome <> first_outcome
    group by review_id, first_outcome, outcome
    union all
    select
        review_id,
        'decided_at' as changed,
        review_id as changed_id,
        cast(first_decided_at as {{ dbt.type_string() }}) as value_at_gate,
        cast(decided_at as {{ dbt.type_string() }}) as value_later,
        min(first_seen_at) as changed_at

    from edits
    where decided_at <> first_decided_at
    group by review_id, first_decided_at, decided_at
    union all
    select
        reviews.review_id,
        'review' as changed,
        reviews.review_id as changed_id,
        'recorded' as value_at_gate,
        'removed' as value_later,
        max(versions.last_seen_at) as changed_at

    from reviews
    inner join versions on reviews.review_id = versions.review_id
    where not reviews.is_still_there
    group by reviews.review_id
    union all
    select
        review_id,
        'interview' as changed,
        interview_page_id as changed_id,
        'not linked' as value_at_gate,
        'linked' as value_later,
        min(linked_at) as changed_at

    from {{ ref('int_features__interview_evidence') }}
    where exclusion_reason in ('linked_after_gate', 'recorded_after_gate')
    group by review_id, interview_page_id
    union all
    select
        evidence.review_id,
        'interview' as changed,
        evidence.interview_page_id as changed_id,
        'linked' as value_at_gate,
        'removed' as value_later,
        max(evidence.linked_at) as changed_at

    from {{ ref('int_features__interview_evidence') }} as evidence
    inner join {{ ref('stg_product_ops__brief_interviews') }} as links
        on
            evidence.brief_page_id = links.brief_page_id
            and evidence.interview_page_id = links.interview_page_id
    where
        evidence.is_counted
        and evidence.count_method = 'brief_interview'
        and not links.is_still_there
    group by evidence.review_id, evidence.interview_page_id
    union all
    select
        gate_reviews.review_id,
        'kpi' as changed,
        kpi_changes.changed_id,
        kpi_changes.value_at_gate,
        kpi_changes.value_later,
        kpi_changes.changed_at

    from gate_reviews
    inner join {{ ref('int_features__kpi_changes') }} as kpi_changes
        on
            gate_reviews.feature_id = kpi_changes.feature_id
            and gate_reviews.decided_at < kpi_changes.changed_at
    where
        gate_reviews.stage = 'define'
        and gate_reviews.outcome = 'pass'
    union all
    -- An extract taken after the decision proves that this owner was not yet named.
    select
        gate_reviews.review_id,
        'owner' as changed,
        gate_reviews.feature_id as changed_id,
        coalesce(gate_reviews.person_id || ' of ' || gate_reviews.squad_id, 'nobody') as value_at_gate,
        owner_versions.person_id || ' of ' || owner_versions.squad_id as value_later,
        min(owner_versions.first_seen_at) as changed_at

    from gate_reviews
    inner join {{ ref('stg_product_ops__feature_owner_versions') }} as owner_versions
        on
            gate_reviews.feature_id = owner_versions.feature_id
            and gate_reviews.decided_at >= owner_versions.stated_from_at
            and gate_reviews.decided_at < owner_versions.previous_extract_at
    where
        owner_versions.person_id || ' of ' || owner_versions.squad_id
        <> coalesce(gate_reviews.person_id || ' of ' || gate_reviews.squad_id, 'nobody')
    group by
        gate_reviews.review_id,
        gate_reviews.feature_id,
        gate_reviews.person_id,
        gate_reviews.squad_id,
        owner_versions.person_id,
        owner_versions.squad_id
    union all
    select
        gate_reviews.review_id,
        'brief' as changed,
        gate_reviews.brief_page_id as changed_id,
        'version ' || cast(gate_reviews.brief_version_number as {{ dbt.type_string() }}) as value_at_gate,
        'version ' || cast(max(page_versions.version_number) as {{ dbt.type_string() }}) as value_later,
        max(page_versions.created_at) as changed_at

    from gate_reviews
    inner join {{ ref('stg_confluence__page_versions') }} as page_versions
        on
            gate_reviews.brief_page_id = page_versions.page_id
            and gate_reviews.brief_version_number < page_versions.version_number
            and not page_versions.is_minor_edit
    group by gate_reviews.review_id, gate_reviews.brief_page_id, gate_reviews.brief_version_number

)

select
    changes.review_id,
    gate_reviews.feature_id,
    gate_reviews.stage,
    changes.changed,
    changes.changed_id,
    changes.value_at_gate,
    changes.value_later,
    changes.changed_at

from changes
inner join gate_reviews on changes.review_id = gate_reviews.review_id
