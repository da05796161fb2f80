-- One row per ARR reading, month and account that pays in it or paid in the month before, or whose amount is left out.
{{ config(materialized='ephemeral') }}
with

account_months as (

    select
        account_id,
        month_start,
        arr_amount,
        case
            when exclusion_reason is not null then exclusion_reason
            when arr_amount = 0 then 'no_arr'
        end as reason

    from {{ ref('int_revenue__account_months') }}

),

months as (

    select * from {{ ref('int_revenue__months') }}
    where is_covered

),

opening_balances as (

    select
        account_months.account_id,
        months.month_start,
        account_months.arr_amount

    from account_months
    inner join months on account_months.month_start = months.previous_covered_month
    where account_months.reason is null

),

accounts as (

    select
        coalesce(account_months.account_id, opening_balances.account_id) as account_id,
        coalesce(account_months.month_start, opening_balances.month_start) as month_start,
        opening_balances.arr_amount as opening_amount,
        account_months.account_id is not null and account_months.reason is null as is_paying,
        case when opening_balances.account_id is null then account_months.reason end as reason,
        case when account_months.reason is null then account_months.arr_amount end as arr_amount

    from account_months
    full join opening_balances
        on
            account_months.account_id = opening_balances.account_id
            and account_months.month_start = opening_balances.month_start

),

moved_accounts as (

    select
        accounts.account_id,
        accounts.month_start,
        accounts.reason,
        accounts.arr_amount,
        case when accounts.is_paying then 1 else 0 end as n,
        case when months.previous_covered_month is not null then coalesce(accounts.opening_amount, 0) end
            as opening_amount,
        case when movements.movement_type in ('contraction', 'churn') then movements.amount else 0 end as loss,
        case when movements.movement_type = 'expansion' then movements.amount else 0 end as expansion

    from accounts
    inner join months on accounts.month_start = months.month_start
    left join {{ ref('fct_account_arr_movements') }} as movements
        on
            accounts.account_id = movements.account_id
            and accounts.month_start = movements.month_start

),

evidence as (

    select
        'headline' as reading,
        account_id,
        month_start,
        reason,
        arr_amount as numerator,
        null as denominator,
        1 as n,
        arr_amount as amount

    from account_months

    union all

    select
        'gross_retention' as reading,
        account_id,
        month_start,
        reason,
        opening_amount + loss as numerator,
        opening_amount as denominator,
        n,
        arr_amount as amount

    from moved_accounts

    union all

    select
        'net_retention' as reading,
        account_id,
        month_start,
        reason,
        opening_amount + loss + expansion as numerator,
        opening_amount as denominator,
        n,
        arr_amount as amount

    from moved_accounts

)

select
    'arr' as metric_id,
    reading,
    'company' as org_level,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    cast(null as {{ dbt.type_string() }}) as person_id,
    'month' as period_kind,
    month_start as first_period_start,
    month_start as last_period_start,
    'account_month' as row_kind,
    account_id || '|' || cast(month_start as {{ dbt.type_string() }}) as row_id,
    reason,
    numerator,
    denominator,
    n,
    amount,
    month_start as event_on

from evidence
