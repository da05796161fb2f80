-- One row per org unit and period: counts and exact sums over the features that shipped in it.
with

org_periods as (

    select * from {{ ref('int_features__org_periods') }}
    where metric_id = 'ddqs'

),

features as (

    select
        features.*,
        cast(features.ddqs as decimal(18, 3)) as score,
        cast(features.ddqs_confidence_score as decimal(18, 3)) as confidence,
        cast(features.ddqs_interview_count as decimal(18, 3)) as interviews,
        thresholds.ddqs_target_score,
        thresholds.interviews_required,
        thresholds.interview_cap,
        thresholds.part_cap

    from {{ ref('fct_features') }} as features
    cross join {{ ref('feature_thresholds') }} as thresholds
    where features.exclusion_reason is null

),

credited_features as (

    select
        'company' as org_level,
        '' as unit_id,
        features.*

    from features
    union all
    select
        'squad' as org_level,
        ddqs_squad_id as unit_id,
        features.*

    from features
    where ddqs_squad_id is not null
    union all
    select
        'person' as org_level,
        ddqs_person_id as unit_id,
        features.*

    from features
    where ddqs_person_id is not null

)

select
    org_periods.org_level,
    org_periods.squad_id,
    org_periods.person_id,
    org_periods.period_kind,
    org_periods.period_start,
    org_periods.period_end,
    org_periods.is_open,
    count(credited.feature_id) as shipped_count,
    count(credited.score) as scored_count,
    cast(sum(credited.score) as decimal(38, 3)) as score_sum,
    cast(sum(credited.score * credited.score) as decimal(38, 6)) as score_square_sum,
    {{ float64('min(credited.score)') }} as score_minimum,
    count(case when credited.score >= credited.ddqs_target_score then 1 end) as at_target_count,
    cast(sum(case
        when credited.score is not null
            then credited.confidence + least(credited.interviews, credited.interview_cap)
    end) as decimal(38, 3)) as capped_interview_score_sum,
    cast(sum(case
        when credited.score is not null
            then least(credited.confidence, credited.part_cap) + least(credited.interviews, credited.part_cap)
    end) as decimal(38, 3)) as capped_parts_score_sum,
    cast(sum(case when credited.score is not null then credited.confidence end) as decimal(38, 3)) as confidence_sum,
    cast(sum(case when credited.score is not null then credited.interviews end) as decimal(38, 3)) as interview_sum,
    count(case
        when credited.score is not null and credited.interviews < credited.interviews_required then 1
    end) as few_interviews_count,
    count(case when credited.ipf_failure_count > 0 then 1 end) as ipf_failed_count,
    cast(sum(credited.discover_days) as bigint) as discover_days_sum,
    count(credited.discover_days) as discover_days_count,
    cast(sum(credited.define_days) as bigint) as define_days_sum,
    count(credited.define_days) as define_days_count

from org_periods
left join credited_features as credited
    on
        org_periods.org_level = credited.org_level
        and org_periods.unit_id = credited.unit_id
        and org_periods.period_start <= credited.shipped_on
        and org_periods.period_end > credited.shipped_on
group by
    org_periods.org_level,
    org_periods.squad_id,
    org_periods.person_id,
    org_periods.period_kind,
    org_periods.period_start,
    org_periods.period_end,
    org_periods.is_open
