-- One row per metric, reading, org unit and period, in the columns every metric area shares.
{# reading, value, unit, numerator, denominator, whether the interval is this reading's #}
{% set ddqs_readings = [
    ('headline', 'ddqs', 'score', 'score_sum', 'scored_count', true),
    ('coverage', 'coverage', 'share', 'scored_count', 'shipped_count', false),
    ('share_at_least_6', 'at_target_share', 'share', 'at_target_count', 'scored_count', false),
    ('minimum', 'score_minimum', 'score', 'null', 'null', false),
    (
        'mean_interviews_capped_5', 'mean_interviews_capped', 'score', 'capped_interview_score_sum', 'scored_count',
        false
    ),
    ('mean_both_capped_3', 'mean_both_capped', 'score', 'capped_parts_score_sum', 'scored_count', false),
] %}
{% set ploar_readings = [
    ('headline', 'ploar', 'hit_count', 'matured_count', true),
    ('hits_of_shipped', 'hits_of_shipped', 'hit_count', 'shipped_count', false),
    ('any_kpi_met', 'any_kpi_met_share', 'any_kpi_met_count', 'matured_count', false),
    ('ever_met', 'ever_met_share', 'ever_met_count', 'matured_count', false),
] %}
with

ddqs_statistics as (

    select
        *,
        case
            when shipped_count = 0 and is_open then 'not_yet_readable'
            when shipped_count = 0 then 'no_features_shipped'
            when scored_count = 0 then 'no_scored_features'
        end as value_reason,
        case when shipped_count = 0 and is_open then period_end end as readable_on

    from {{ ref('int_features__ddqs_statistics') }}

),

ploar_statistics as (

    select
        *,
        case
            when shipped_count = 0 and is_open then 'not_yet_readable'
            when shipped_count = 0 then 'no_features_shipped'
            when matured_count = 0 then 'no_matured_features'
        end as value_reason,
        case
            when shipped_count = 0 and is_open then final_after_grace_on
            else first_matured_on
        end as readable_on

    from {{ ref('int_features__ploar_statistics') }}

),

readings as (

    {% for reading, value, unit, numerator, denominator, has_interval in ddqs_readings %}
    select
        'ddqs' as metric_id,
        '{{ reading }}' as reading,
        org_level,
        squad_id,
        person_id,
        period_kind,
        period_start,
        period_end,
        {{ float64(value) }} as value,
        '{{ unit }}' as unit,
        {{ float64(numerator) }} as numerator,
        {{ float64(denominator) }} as denominator,
        {{ 'shipped_count' if reading == 'coverage' else 'scored_count' }} as n,
        {{ float64('ci_low' if has_interval else 'null') }} as ci_low,
        {{ float64('ci_high' if has_interval else 'null') }} as ci_high,
        {{ float64('case when shipped_count > 0 then 1 end') }} as matured_share,
        readable_on,
        case when {{ value }} is null then value_reason end as value_reason

    from ddqs_statistics
    union all
    {% endfor %}
    {% for reading, value, numerator, denominator, has_interval in ploar_readings %}
    select
        'ploar' as metric_id,
        '{{ reading }}' as reading,
        org_level,
        squad_id,
        person_id,
        period_kind,
        period_start,
        period_end,
        {{ value }} as value,
        'share' as unit,
        {{ float64(numerator) }} as numerator,
        {{ float64(denominator) }} as denominator,
        {{ denominator }} as n,
        {{ float64('ci_low' if has_interval else 'null') }} as ci_low,
        {{ float64('ci_high' if has_interval else 'null') }} as ci_high,
        matured_share,
        readable_on,
        case when {{ value }} is null then value_reason end as value_reason

    from ploar_statistics
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from readings
