-- One row per wave and reading of NPS, company level.
with

waves as (

    select
        *,
        lead(period_start) over (order by period_start, wave_id) as next_period_start

    from {{ ref('nps_by_wave') }}

),

readings as (

    select
        period_start,
        period_end,
        next_period_start,
        'post_stratified' as reading,
        nps as value,
        'nps' as unit,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        scored_count as n,
        ci_low,
        ci_high,
        value_reason

    from waves

    union all

    select
        period_start,
        period_end,
        next_period_start,
        'unweighted' as reading,
        unweighted_nps as value,
        'nps' as unit,
        promoter_count - detractor_count as numerator,
        scored_count as denominator,
        scored_count as n,
        unweighted_ci_low as ci_low,
        unweighted_ci_high as ci_high,
        case when scored_count = 0 then 'no_answers' end as value_reason

    from waves

    union all

    select
        period_start,
        period_end,
        next_period_start,
        'response_rate' as reading,
        response_rate as value,
        'share' as unit,
        scored_count as numerator,
        sampled_count as denominator,
        sampled_count as n,
        {{ float64('null') }} as ci_low,
        {{ float64('null') }} as ci_high,
        case when response_rate is null then 'frame_missing' end as value_reason

    from waves

)

select
    'nps' as metric_id,
    reading,
    'company' as org_level,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    cast(null as {{ dbt.type_string() }}) as person_id,
    'wave' as period_kind,
    period_start,
    period_end,
    {{ float64('value') }} as value,
    unit,
    {{ float64('numerator') }} as numerator,
    {{ float64('denominator') }} as denominator,
    n,
    {{ float64('ci_low') }} as ci_low,
    {{ float64('ci_high') }} as ci_high,
    {{ float64('null') }} as matured_share,
    cast(null as date) as readable_on,
    value_reason

from readings
-- Of waves drawn on one day the last stands for it.
where next_period_start is null or next_period_start > period_start
