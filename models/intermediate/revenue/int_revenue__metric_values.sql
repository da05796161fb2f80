-- One row per month and reading of ARR, company level.
with

months as (

    select * from {{ ref('arr_by_month') }}

),

readings as (

    select
        month_start,
        month_end,
        is_covered,
        'headline' as reading,
        'usd' as unit,
        {{ float64('arr') }} as value,
        {{ float64('arr') }} as numerator,
        {{ float64('null') }} as denominator,
        account_count as n

    from months

    union all

    select
        month_start,
        month_end,
        is_covered,
        'gross_retention' as reading,
        'share' as unit,
        gross_retention_rate as value,
        {{ float64('opening_arr + contraction_arr + churn_arr') }} as numerator,
        {{ float64('opening_arr') }} as denominator,
        account_count as n

    from months

    union all

    select
        month_start,
        month_end,
        is_covered,
        'net_retention' as reading,
        'share' as unit,
        net_retention_rate as value,
        {{ float64('opening_arr + expansion_arr + contraction_arr + churn_arr') }} as numerator,
        {{ float64('opening_arr') }} as denominator,
        account_count as n

    from months

)

select
    'arr' as metric_id,
    reading,
    'company' as org_level,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    cast(null as {{ dbt.type_string() }}) as person_id,
    'month' as period_kind,
    month_start as period_start,
    month_end as period_end,
    value,
    unit,
    numerator,
    denominator,
    n,
    {{ float64('null') }} as ci_low,
    {{ float64('null') }} as ci_high,
    {{ float64('null') }} as matured_share,
    cast(null as date) as readable_on,
    case
        when value is not null then null
        when not is_covered then 'no_extract'
        else 'opening_balance'
    end as value_reason

from readings
