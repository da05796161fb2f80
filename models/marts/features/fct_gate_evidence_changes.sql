-- One row per thing about a gate's evidence that changed after the decision; none of it moves a score.
with

aspects as (

    {% for aspect in ['confidence_score', 'outcome', 'decided_at', 'review'] -%}
    select '{{ aspect }}' as changed
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

-- A version that comes back (A, B, A) is not a change from the first one.
record_changes as (

    select
        versions.review_id,
        aspects.changed,
        case aspects.changed
            when 'confidence_score' then coalesce({{ number_text('reviews.confidence_score') }}, 'not stated')
            when 'outcome' then reviews.outcome
            when 'decided_at' then cast(reviews.decided_at as {{ dbt.type_string() }})
            when 'review' then 'recorded'
        end as value_at_gate,
        case aspects.changed
            when 'confidence_score' then coalesce({{ number_text('versions.confidence_score') }}, 'not stated')
            when 'outcome' then versions.outcome
            when 'decided_at' then cast(versions.decided_at as {{ dbt.type_string() }})
            when 'review' then 'removed'
        end as value_later,
        versions.first_seen_at,
        versions.last_seen_at

    from {{ ref('stg_product_ops__stage_gate_review_versions') }} as versions
    inner join {{ ref('stg_product_ops__stage_gate_reviews') }} as reviews on versions.review_id = reviews.review_id
    cross join aspects
    where
        (aspects.changed = 'review' and not reviews.is_still_there)
        or (
            versions.first_seen_at > reviews.first_seen_at
            and (
                (
                    aspects.changed = 'confidence_score'
                    and coalesce(versions.confidence_score, -1) <> coalesce(reviews.confidence_score, -1)
                )
                or (aspects.changed = 'outcome' and versions.outcome <> reviews.outcome)
                or (aspects.changed = 'decided_at' and versions.decided_at <> reviews.decided_at)
            )
        )

),

interview_changes as (

    select
        evidence.review_id,
        evidence.interview_page_id,
        evidence.linked_at,
        evidence.is_counted

    from {{ ref('int_features__interview_evidence') }} as evidence
    left join {{ ref('stg_product_ops__brief_interviews') }} as links
        on
            evidence.brief_page_id = links.brief_page_id
            and evidence.interview_page_id = links.interview_page_id
    where
        evidence.exclusion_reason in ('linked_after_gate', 'recorded_after_gate')
        or (evidence.is_counted and evidence.count_method = 'brief_interview' and not links.is_still_there)

),

-- What came later, by what binds a review to it: its own id, its feature or its brief.
later_facts as (

    select
        'review' as bound_by,
        review_id as bound_id,
        changed,
        review_id as changed_id,
        value_at_gate,
        value_later,
        case when changed = 'review' then max(last_seen_at) else min(first_seen_at) end as changed_at,
        cast(null as timestamp) as stated_from_at,
        cast(null as timestamp) as not_yet_at,
        cast(null as integer) as version_number

    from record_changes
    group by review_id, changed, value_at_gate, value_later

    union all

    select
        'review' as bound_by,
        review_id as bound_id,
        'interview' as changed,
        interview_page_id as changed_id,
        case when is_counted then 'linked' else 'not linked' end as value_at_gate,
        case when is_counted then 'removed' else 'linked' end as value_later,
        case when is_counted then max(linked_at) else min(linked_at) end as changed_at,
        cast(null as timestamp) as stated_from_at,
        cast(null as timestamp) as not_yet_at,
        cast(null as integer) as version_number

    from interview_changes
    group by review_id, interview_page_id, is_counted

    union all

    select
        'feature' as bound_by,
        feature_id as bound_id,
        'kpi' as changed,
        changed_id,
        value_at_gate,
        value_later,
        changed_at,
        cast(null as timestamp) as stated_from_at,
        cast(null as timestamp) as not_yet_at,
        cast(null as integer) as version_number

    from {{ ref('int_features__kpi_changes') }}

    union all

    select
        'feature' as bound_by,
        feature_id as bound_id,
        'owner' as changed,
        feature_id as changed_id,
        cast(null as {{ dbt.type_string() }}) as value_at_gate,
        person_id || ' of ' || squad_id as value_later,
        first_seen_at as changed_at,
        stated_from_at,
        previous_extract_at as not_yet_at,
        cast(null as integer) as version_number

    from {{ ref('stg_product_ops__feature_owner_versions') }}

    union all

    select
        'brief' as bound_by,
        page_id as bound_id,
        'brief' as changed,
        page_id as changed_id,
        cast(null as {{ dbt.type_string() }}) as value_at_gate,
        cast(null as {{ dbt.type_string() }}) as value_later,
        created_at as changed_at,
        cast(null as timestamp) as stated_from_at,
        cast(null as timestamp) as not_yet_at,
        version_number

    from {{ ref('stg_confluence__page_versions') }}
    where not is_minor_edit

),

bound_reviews as (

    select
        gate_reviews.*,
        coalesce(gate_reviews.person_id || ' of ' || gate_reviews.squad_id, 'nobody') as owner,
        bonds.bound_by,
        case bonds.bound_by
            when 'review' then gate_reviews.review_id
            when 'feature' then gate_reviews.feature_id
            when 'brief' then gate_reviews.brief_page_id
        end as bound_id

    from {{ ref('fct_gate_reviews') }} as gate_reviews
    cross join (
        select 'review' as bound_by
        union all
        select 'feature' as bound_by
        union all
        select 'brief' as bound_by
    ) as bonds

),

changes as (

    select
        reviews.review_id,
        reviews.feature_id,
        reviews.stage,
        later_facts.changed,
        later_facts.changed_id,
        case later_facts.changed
            when 'owner' then reviews.owner
            when 'brief' then 'version ' || cast(reviews.brief_version_number as {{ dbt.type_string() }})
            else later_facts.value_at_gate
        end as value_at_gate,
        later_facts.value_later,
        later_facts.version_number,
        later_facts.changed_at

    from bound_reviews as reviews
    inner join later_facts
        on
            reviews.bound_by = later_facts.bound_by
            and reviews.bound_id = later_facts.bound_id
    where
        reviews.bound_by = 'review'
        or (
            later_facts.changed = 'kpi'
            and reviews.stage = 'define'
            and reviews.outcome = 'pass'
            and reviews.decided_at < later_facts.changed_at
        )
        -- An extract taken after the decision proves that this owner was not yet named.
        or (
            later_facts.changed = 'owner'
            and reviews.decided_at >= later_facts.stated_from_at
            and reviews.decided_at < later_facts.not_yet_at
            and later_facts.value_later <> reviews.owner
        )
        or (
            later_facts.changed = 'brief'
            and reviews.brief_version_number < later_facts.version_number
        )

)

select
    review_id,
    feature_id,
    stage,
    changed,
    changed_id,
    value_at_gate,
    case
        when changed = 'brief' then 'version ' || cast(max(version_number) as {{ dbt.type_string() }})
        else value_later
    end as value_later,
    case when changed = 'owner' then min(changed_at) else max(changed_at) end as changed_at

from changes
group by review_id, feature_id, stage, changed, changed_id, value_at_gate, value_later
