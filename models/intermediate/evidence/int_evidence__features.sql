-- One row per DDQS or PLOAR reading, org unit, feature and run of periods: what the feature adds, or why nothing.
{{ config(materialized='ephemeral') }}
{# reading, numerator, amount; each over the features with a score, but for coverage #}
{% set ddqs_readings = [
    ('headline', 'score', 'score'),
    ('coverage', 'case when score is not null then 1 else 0 end', 'score'),
    ('share_at_least_6', 'case when score >= ddqs_target_score then 1 else 0 end', 'score'),
    ('minimum', 'null', 'score'),
    ('mean_interviews_capped_5', 'capped_interview_score', 'capped_interview_score'),
    ('mean_both_capped_3', 'capped_parts_score', 'capped_parts_score'),
] %}
{# reading, numerator; each over the matured features, but for hits_of_shipped #}
{% set ploar_readings = [
    ('headline', 'is_hit'),
    ('hits_of_shipped', 'is_hit'),
    ('any_kpi_met', 'is_any_kpi_met'),
    ('ever_met', 'is_ever_met'),
] %}
with

features as (

    select
        features.*,
        features.ddqs as score,
        case
            when features.ddqs is not null
                then
                    cast(features.ddqs_confidence_score as decimal(18, 3))
                    + least(features.ddqs_interview_count, thresholds.interview_cap)
        end as capped_interview_score,
        case
            when features.ddqs is not null
                then
                    cast(least(features.ddqs_confidence_score, thresholds.part_cap) as decimal(18, 3))
                    + least(features.ddqs_interview_count, thresholds.part_cap)
        end as capped_parts_score,
        thresholds.ddqs_target_score

    from {{ ref('fct_features') }} as features
    cross join {{ ref('feature_thresholds') }} as thresholds

),

org_periods as (

    select * from {{ ref('int_features__org_periods') }}

),

present_owners as (

    select * from {{ ref('int_goals__feature_owners') }}
    where owned_until_at is null

),

credits as (

    select
        features.feature_id,
        features.shipped_on,
        features.exclusion_reason,
        metrics.metric_id,
        case
            when features.exclusion_reason is not null then present_owners.squad_id
            when metrics.metric_id = 'ddqs' then features.ddqs_squad_id
            else features.ship_squad_id
        end as squad_id,
        case
            when features.exclusion_reason is not null then present_owners.person_id
            when metrics.metric_id = 'ddqs' then features.ddqs_person_id
            else features.ship_person_id
        end as person_id

    from features
    cross join (
        select 'ddqs' as metric_id
        union all
        select 'ploar' as metric_id
    ) as metrics
    left join present_owners on features.feature_id = present_owners.feature_id

),

unit_credits as (

    select
        'company' as org_level,
        '' as unit_id,
        credits.*

    from credits
    union all
    select
        'squad' as org_level,
        squad_id as unit_id,
        credits.*

    from credits
    where squad_id is not null
    union all
    select
        'person' as org_level,
        person_id as unit_id,
        credits.*

    from credits
    where person_id is not null

),

-- A feature not shipped yet is left out of what is still open; one shipped on an unknown day, of every period.
placed_features as (

    select
        unit_credits.feature_id,
        unit_credits.metric_id,
        unit_credits.org_level,
        org_periods.squad_id,
        org_periods.person_id,
        org_periods.period_kind,
        case when unit_credits.exclusion_reason is null then org_periods.period_start end as shipped_period_start,
        min(org_periods.period_start) as first_period_start,
        max(org_periods.period_start) as last_period_start

    from unit_credits
    inner join org_periods
        on
            unit_credits.metric_id = org_periods.metric_id
            and unit_credits.org_level = org_periods.org_level
            and unit_credits.unit_id = org_periods.unit_id
            and (
                (
                    unit_credits.shipped_on >= org_periods.period_start
                    and unit_credits.shipped_on < org_periods.period_end
                )
                or (unit_credits.exclusion_reason = 'not_shipped' and org_periods.is_open)
                or unit_credits.exclusion_reason = 'launched_before_first_extract'
            )
    group by
        unit_credits.feature_id,
        unit_credits.metric_id,
        unit_credits.org_level,
        org_periods.squad_id,
        org_periods.person_id,
        org_periods.period_kind,
        case when unit_credits.exclusion_reason is null then org_periods.period_start end

),

feature_readings as (

    {% for reading, numerator, amount in ddqs_readings %}
    select
        feature_id,
        'ddqs' as metric_id,
        '{{ reading }}' as reading,
        {{ 'exclusion_reason' if reading == 'coverage' else 'coalesce(exclusion_reason, ddqs_reason)' }} as reason,
        {{ numerator }} as numerator,
        {{ 'null' if reading == 'minimum' else '1' }} as denominator,
        {{ amount }} as amount,
        shipped_on

    from features
    union all
    {% endfor %}
    {% for reading, is_counted in ploar_readings %}
    select
        feature_id,
        'ploar' as metric_id,
        '{{ reading }}' as reading,
        {% if reading == 'hits_of_shipped' -%}
        exclusion_reason as reason,
        {%- else -%}
        coalesce(exclusion_reason, case when not is_matured then 'not_matured_yet' end) as reason,
        {%- endif %}
        case when {{ is_counted }} then 1 else 0 end as numerator,
        1 as denominator,
        case when {{ is_counted }} then 1 else 0 end as amount,
        shipped_on

    from features
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    placed_features.metric_id,
    feature_readings.reading,
    placed_features.org_level,
    placed_features.squad_id,
    placed_features.person_id,
    placed_features.period_kind,
    placed_features.first_period_start,
    placed_features.last_period_start,
    'feature' as row_kind,
    placed_features.feature_id as row_id,
    feature_readings.reason,
    feature_readings.numerator,
    feature_readings.denominator,
    1 as n,
    feature_readings.amount,
    feature_readings.shipped_on as event_on

from placed_features
inner join feature_readings
    on
        placed_features.feature_id = feature_readings.feature_id
        and placed_features.metric_id = feature_readings.metric_id
