-- One row per hit of a rule about patterns by which a score is made better than the work, and about work in progress.
with

changes as (

    select * from {{ ref('fct_gate_evidence_changes') }}

),

reviews as (

    select * from {{ ref('fct_gate_reviews') }}

),

features as (

    select * from {{ ref('fct_features') }}

),

thresholds as (

    select * from {{ ref('feature_thresholds') }}

),

last_develop_passes as (

    select * from (
        select
            reviews.*,
            row_number() over (
                partition by reviews.feature_id order by reviews.decided_at desc, reviews.review_id desc
            ) as place_from_last

        from reviews
        inner join features on reviews.feature_id = features.feature_id
        where
            reviews.stage = 'develop'
            and reviews.outcome = 'pass'
            and (reviews.decided_at <= features.shipped_at or features.shipped_at is null)
    ) as numbered_passes
    where place_from_last = 1

),

raised_confidence as (

    select
        changes.review_id,
        changes.feature_id,
        min(changes.changed_at) as changed_at,
        min(changes.value_at_gate) as value_at_gate,
        max(changes.value_later) as value_later

    from changes
    inner join {{ ref('stg_product_ops__stage_gate_review_versions') }} as versions
        on
            changes.review_id = versions.review_id
            and changes.changed_at = versions.first_seen_at
    inner join reviews on changes.review_id = reviews.review_id
    where
        changes.changed = 'confidence_score'
        and versions.confidence_score > coalesce(reviews.confidence_score, 0)
    group by changes.review_id, changes.feature_id

),

edited_reviews as (

    select
        review_id,
        feature_id,
        min(changed_at) as changed_at,
        min(changed || ' was ' || value_at_gate || ', now ' || value_later) as evidence

    from changes
    where changed in ('outcome', 'decided_at', 'review')
    group by review_id, feature_id

),

counted_interviews as (

    select
        evidence.interview_page_id,
        evidence.review_id,
        evidence.feature_id

    from {{ ref('int_features__interview_evidence') }} as evidence
    inner join last_develop_passes on evidence.review_id = last_develop_passes.review_id
    where evidence.is_counted

),

shared_interviews as (

    select
        interview_page_id,
        count(distinct feature_id) as feature_count

    from counted_interviews
    group by interview_page_id

),

reusing_reviews as (

    select
        counted_interviews.review_id,
        counted_interviews.feature_id,
        count(*) as shared_count,
        max(shared_interviews.feature_count) as feature_count

    from counted_interviews
    inner join shared_interviews on counted_interviews.interview_page_id = shared_interviews.interview_page_id
    cross join thresholds
    where shared_interviews.feature_count >= thresholds.reused_interview_feature_count
    group by counted_interviews.review_id, counted_interviews.feature_id

),

days_over_limit as (

    select
        squad_id,
        day,
        in_progress_count,
        wip_limit,
        lag(day) over (partition by squad_id order by day) as previous_day

    from {{ ref('wip_by_day') }}
    where is_over_limit

),

spells_over_limit as (

    select
        *,
        sum(case when {{ days_between('previous_day', 'day') }} = 1 then 0 else 1 end)
            over (partition by squad_id order by day rows between unbounded preceding and current row) as spell_number

    from days_over_limit

)

select
    'confidence_raised_after_gate' as rule_id,
    'gate_review' as entity_type,
    review_id as entity_id,
    feature_id,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    changed_at as happened_at,
    'confidence ' || coalesce(value_at_gate, 'not stated') || ' became ' || value_later as evidence

from raised_confidence
union all
select
    'gate_edited_after_decision' as rule_id,
    'gate_review' as entity_type,
    review_id as entity_id,
    feature_id,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    changed_at as happened_at,
    evidence

from edited_reviews
union all
select
    'interview_linked_after_gate' as rule_id,
    'interview' as entity_type,
    changes.feature_id || '/' || changes.changed_id as entity_id,
    changes.feature_id,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    changes.changed_at as happened_at,
    'Develop passed on ' || cast(last_develop_passes.decided_on as {{ dbt.type_string() }}) as evidence

from changes
inner join last_develop_passes on changes.review_id = last_develop_passes.review_id
where
    changes.changed = 'interview'
    and changes.value_later = 'linked'
union all
select
    'interviews_reused' as rule_id,
    'gate_review' as entity_type,
    reusing_reviews.review_id as entity_id,
    reusing_reviews.feature_id,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    reviews.decided_at as happened_at,
    cast(reusing_reviews.shared_count as {{ dbt.type_string() }}) || ' interviews are the evidence of up to '
    || cast(reusing_reviews.feature_count as {{ dbt.type_string() }}) || ' features' as evidence

from reusing_reviews
inner join reviews on reusing_reviews.review_id = reviews.review_id
union all
select
    'split_before_quarter_end' as rule_id,
    'feature' as entity_type,
    features.feature_id as entity_id,
    features.feature_id,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    features.shipped_at as happened_at,
    'card made on ' || cast(features.created_on as {{ dbt.type_string() }}) || ', shipped on '
    || cast(features.shipped_on as {{ dbt.type_string() }}) as evidence

from features
cross join thresholds
where
    features.created_on < {{ next_quarter_start('features.ship_quarter_start') }}
    and features.created_on
    >= {{ days_after(next_quarter_start('features.ship_quarter_start'), '-thresholds.quarter_end_split_days') }}
union all
select
    'wip_over_limit' as rule_id,
    'squad' as entity_type,
    squad_id || '/' || cast(min(day) as {{ dbt.type_string() }}) as entity_id,
    cast(null as {{ dbt.type_string() }}) as feature_id,
    squad_id,
    {{ utc_timestamp('cast(min(day) as ' ~ dbt.type_string() ~ ')') }} as happened_at,
    'up to ' || cast(max(in_progress_count) as {{ dbt.type_string() }}) || ' features in progress, limit '
    || cast(max(wip_limit) as {{ dbt.type_string() }}) || ', from ' || cast(min(day) as {{ dbt.type_string() }})
    || ' to ' || cast(max(day) as {{ dbt.type_string() }})
        as evidence

from spells_over_limit
group by squad_id, spell_number
