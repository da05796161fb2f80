-- One row per hit of a rule about gates: their order, their evidence and their record.
with

reviews as (

    select * from {{ ref('fct_gate_reviews') }}

),

passes as (

    select * from reviews
    where
        outcome = 'pass'
        and stage is not null

),

features as (

    select * from {{ ref('fct_features') }}

),

thresholds as (

    select * from {{ ref('feature_thresholds') }}

),

first_passes as (

    select * from (
        select
            *,
            row_number() over (partition by feature_id, stage order by decided_at, review_id) as place

        from passes
    ) as numbered_passes
    where place = 1

),

-- Deliver skipped by a shipped feature is launched_without_deliver_pass, not also a skip.
skipped_stages as (

    select
        first_passes.feature_id,
        stages.stage,
        min(first_passes.decided_at) as happened_at

    from first_passes
    inner join {{ ref('stages') }} as stages on first_passes.stage_position > stages.stage_position
    inner join features on first_passes.feature_id = features.feature_id
    left join first_passes as own_passes
        on
            first_passes.feature_id = own_passes.feature_id
            and stages.stage = own_passes.stage
    where
        own_passes.review_id is null
        and (stages.stage <> 'deliver' or features.shipped_at is null)
    group by first_passes.feature_id, stages.stage

),

early_passes as (

    select
        first_passes.review_id,
        first_passes.feature_id,
        first_passes.stage,
        first_passes.decided_at,
        min(passes_below.stage) as stage_below,
        min(passes_below.decided_on) as decided_below_on

    from first_passes
    inner join first_passes as passes_below
        on
            first_passes.feature_id = passes_below.feature_id
            and first_passes.stage_position > passes_below.stage_position
            and first_passes.decided_at < passes_below.decided_at
    group by first_passes.review_id, first_passes.feature_id, first_passes.stage, first_passes.decided_at

),

define_faults as (

    select
        'brief_not_linked_before_define' as rule_id,
        passes.*

    from passes
    where
        passes.stage = 'define'
        and passes.brief_page_id is null
    union all
    select
        'ipf_not_passed_before_define' as rule_id,
        passes.*

    from passes
    where
        passes.stage = 'define'
        and coalesce(passes.ipf_outcome, 'none') <> 'pass'
    union all
    select
        'kpis_not_defined_before_define' as rule_id,
        passes.*

    from passes
    where
        passes.stage = 'define'
        and (passes.kpi_count = 0 or passes.guardrail_count = 0)

),

-- A feature that passes Define again on the same lack has broken the rule once.
first_define_faults as (

    select * from (
        select
            *,
            row_number() over (partition by rule_id, feature_id order by decided_at, review_id) as place

        from define_faults
    ) as numbered_faults
    where place = 1

),

last_develop_passes as (

    select * from (
        select
            passes.*,
            row_number() over (
                partition by passes.feature_id order by passes.decided_at desc, passes.review_id desc
            ) as place_from_last

        from passes
        inner join features on passes.feature_id = features.feature_id
        where
            passes.stage = 'develop'
            and (passes.decided_at <= features.shipped_at or features.shipped_at is null)
    ) as numbered_passes
    where place_from_last = 1

),

quick_retries as (

    select
        passes.review_id,
        passes.feature_id,
        passes.decided_at,
        passes.stage,
        min({{ seconds_between('fails.decided_at', 'passes.decided_at') }}) as seconds_after_fail

    from passes
    inner join reviews as fails
        on
            passes.feature_id = fails.feature_id
            and passes.stage = fails.stage
            and passes.decided_at >= fails.decided_at
            and fails.outcome = 'fail'
    group by passes.review_id, passes.feature_id, passes.decided_at, passes.stage

)

select
    'stage_skipped' as rule_id,
    'feature_stage' as entity_type,
    feature_id || '/' || stage as entity_id,
    feature_id,
    happened_at,
    'no pass of ' || stage as evidence

from skipped_stages
union all
select
    'gate_out_of_order' as rule_id,
    'gate_review' as entity_type,
    review_id as entity_id,
    feature_id,
    decided_at as happened_at,
    stage || ' passed before ' || stage_below
    || ', which passed on ' || cast(decided_below_on as {{ dbt.type_string() }}) as evidence

from early_passes
union all
select
    rule_id,
    'gate_review' as entity_type,
    review_id as entity_id,
    feature_id,
    decided_at as happened_at,
    case rule_id
        when 'brief_not_linked_before_define' then 'no brief linked by then'
        when 'ipf_not_passed_before_define' then 'last review of the brief by then: ' || coalesce(ipf_outcome, 'none')
        else
            cast(kpi_count as {{ dbt.type_string() }}) || ' success KPIs and '
            || cast(guardrail_count as {{ dbt.type_string() }}) || ' guardrails by then'
    end as evidence

from first_define_faults
union all
select
    'too_few_interviews' as rule_id,
    'gate_review' as entity_type,
    last_develop_passes.review_id as entity_id,
    last_develop_passes.feature_id,
    last_develop_passes.decided_at as happened_at,
    cast(last_develop_passes.interview_count as {{ dbt.type_string() }}) || ' interviews counted by '
    || last_develop_passes.count_method || ', '
    || cast(last_develop_passes.excluded_interview_count as {{ dbt.type_string() }}) || ' left out' as evidence

from last_develop_passes
cross join thresholds
where last_develop_passes.interview_count < thresholds.interviews_required
union all
select
    'confidence_not_on_scale' as rule_id,
    'gate_review' as entity_type,
    review_id as entity_id,
    feature_id,
    decided_at as happened_at,
    'confidence ' || coalesce({{ number_text('confidence_score') }}, 'not stated') as evidence

from passes
where
    stage = 'develop'
    and not is_confidence_on_scale
union all
select
    'backdated_gate' as rule_id,
    'gate_review' as entity_type,
    review_id as entity_id,
    feature_id,
    decided_at as happened_at,
    stage || ' dated ' || cast(decided_on as {{ dbt.type_string() }}) || ', written down after ship' as evidence

from passes
where is_backdated
union all
select
    'recorded_late' as rule_id,
    'gate_review' as entity_type,
    reviews.review_id as entity_id,
    reviews.feature_id,
    reviews.decided_at as happened_at,
    'written down ' || cast({{ days_between('reviews.decided_on', 'reviews.recorded_from_on') }} as {{ dbt.type_string() }})
    || ' days later' as evidence

from reviews
cross join thresholds
where
    not (reviews.is_backdated and reviews.outcome = 'pass')
    and {{ days_between('reviews.decided_on', 'reviews.recorded_from_on') }} > thresholds.late_recording_days
union all
select
    'failed_and_passed_within_the_hour' as rule_id,
    'gate_review' as entity_type,
    quick_retries.review_id as entity_id,
    quick_retries.feature_id,
    quick_retries.decided_at as happened_at,
    quick_retries.stage || ' passed ' || cast(quick_retries.seconds_after_fail as {{ dbt.type_string() }})
    || ' seconds after it failed' as evidence

from quick_retries
cross join thresholds
where quick_retries.seconds_after_fail <= thresholds.quick_retry_minutes * 60
union all
select
    'discover_over_time_box' as rule_id,
    'feature' as entity_type,
    stages.feature_id as entity_id,
    stages.feature_id,
    stages.left_at as happened_at,
    cast(stages.days_in_stage as {{ dbt.type_string() }}) || ' days in Discover' as evidence

from {{ ref('fct_feature_stages') }} as stages
cross join thresholds
where
    stages.stage = 'discover'
    and stages.ended_by = 'passed'
    and stages.days_in_stage > thresholds.discover_time_box_days
union all
select
    'launched_without_deliver_pass' as rule_id,
    'feature' as entity_type,
    feature_id as entity_id,
    feature_id,
    shipped_at as happened_at,
    'no Deliver pass by ' || cast(shipped_on as {{ dbt.type_string() }}) as evidence

from features
where not has_deliver_pass_at_ship
