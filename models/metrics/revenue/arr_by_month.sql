-- One row per month, from the first with ARR to the one that holds as_of.
with

months as (

    select * from {{ ref('int_revenue__months') }}

),

balances as (

    select
        month_start,
        sum(case when exclusion_reason is null then arr_amount else 0 end) as arr,
        count(case when exclusion_reason is null and arr_amount <> 0 then 1 end) as account_count,
        count(exclusion_reason) as excluded_count

    from {{ ref('int_revenue__account_months') }}
    group by month_start

),

movements as (

    select
        month_start,
        sum(case when movement_type = 'new' then amount else 0 end) as new_arr,
        sum(case when movement_type = 'expansion' then amount else 0 end) as expansion_arr,
        sum(case when movement_type = 'contraction' then amount else 0 end) as contraction_arr,
        sum(case when movement_type = 'churn' then amount else 0 end) as churn_arr,
        sum(case when movement_type = 'reactivation' then amount else 0 end) as reactivation_arr

    from {{ ref('fct_account_arr_movements') }}
    group by month_start

),

month_sums as (

    select
        months.month_start,
        months.month_end,
        months.is_covered,
        months.is_open,
        cast(balances.arr as decimal(18, 2)) as arr,
        cast(opening.arr as decimal(18, 2)) as opening_arr,
        {% for kind in ['new', 'expansion', 'contraction', 'churn', 'reactivation'] -%}
        case
            when opening.arr is not null then cast(coalesce(movements.{{ kind }}_arr, 0) as decimal(18, 2))
        end as {{ kind }}_arr,
        {% endfor -%}
        balances.account_count,
        coalesce(balances.excluded_count, 0) as excluded_count

    from months
    left join balances on months.month_start = balances.month_start
    left join balances as opening on months.previous_covered_month = opening.month_start
    left join movements on months.month_start = movements.month_start

)

select
    month_start,
    month_end,
    is_covered,
    is_open,
    arr,
    opening_arr,
    new_arr,
    expansion_arr,
    contraction_arr,
    churn_arr,
    reactivation_arr,
    {{ float64('opening_arr + contraction_arr + churn_arr') }} / nullif({{ float64('opening_arr') }}, 0)
        as gross_retention_rate,
    {{ float64('opening_arr + expansion_arr + contraction_arr + churn_arr') }} / nullif({{ float64('opening_arr') }}, 0)
        as net_retention_rate,
    account_count,
    excluded_count

from month_sums
