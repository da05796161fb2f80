-- One row per account that the CRM lists or has ARR for.
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

account_months as (

    select * from {{ ref('int_revenue__account_months') }}
    where exclusion_reason is null

),

last_month as (

    select max(month_start) as month_start
    from {{ ref('int_revenue__months') }}
    where is_covered

),

balances as (

    select
        account_months.account_id,
        min(case when account_months.arr_amount <> 0 then account_months.month_start end) as first_arr_month,
        max(case when account_months.arr_amount <> 0 then account_months.month_start end) as last_arr_month,
        sum(case when account_months.month_start = last_month.month_start then account_months.arr_amount else 0 end)
            as current_arr

    from account_months
    cross join last_month
    group by account_months.account_id

),

account_ids as (

    select account_id from accounts
    union
    select account_id from balances

)

select
    account_ids.account_id,
    accounts.account_name,
    accounts.domain,
    accounts.account_id is not null as is_in_crm,
    balances.first_arr_month,
    balances.last_arr_month,
    cast(coalesce(balances.current_arr, 0) as decimal(18, 2)) as current_arr,
    coalesce(balances.current_arr, 0) <> 0 as is_customer

from account_ids
left join accounts on account_ids.account_id = accounts.account_id
left join balances on account_ids.account_id = balances.account_id
