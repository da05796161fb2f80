-- One row per account and month in which its ARR moved since the last covered month; the first month is the opening balance.
with

months as (

    select * from {{ ref('int_revenue__months') }}
    where is_covered

),

last_month as (

    select max(covered_number) as covered_number from months

),

unreadable_months as (

    select
        account_id,
        month_start
    from {{ ref('int_revenue__account_months') }}
    where exclusion_reason = 'other_currency'

),

paying_months as (

    select
        account_months.account_id,
        account_months.arr_amount,
        months.covered_number,
        lag(account_months.arr_amount) over account_history as previous_amount,
        lag(months.covered_number) over account_history as previous_number,
        lead(months.covered_number) over account_history as next_number

    from {{ ref('int_revenue__account_months') }} as account_months
    inner join months on account_months.month_start = months.month_start
    where account_months.exclusion_reason is null and account_months.arr_amount <> 0
    window account_history as (partition by account_months.account_id order by months.covered_number)

),

movements as (

    select
        account_id,
        covered_number,
        case
            when previous_number is null then 'new'
            when previous_number < covered_number - 1 then 'reactivation'
            when arr_amount > previous_amount then 'expansion'
            else 'contraction'
        end as movement_type,
        case
            when previous_number = covered_number - 1 then arr_amount - previous_amount
            else arr_amount
        end as amount

    from paying_months
    where
        covered_number > 1
        and (previous_number is null or previous_number < covered_number - 1 or arr_amount <> previous_amount)

    union all

    select
        paying_months.account_id,
        paying_months.covered_number + 1 as covered_number,
        'churn' as movement_type,
        -paying_months.arr_amount as amount

    from paying_months
    cross join last_month
    where
        paying_months.covered_number < last_month.covered_number
        and (paying_months.next_number is null or paying_months.next_number > paying_months.covered_number + 1)

)

select
    movements.account_id,
    months.month_start,
    movements.movement_type,
    cast(movements.amount as decimal(18, 2)) as amount,
    unreadable_months.account_id is not null as is_currency_change

from movements
inner join months on movements.covered_number = months.covered_number
left join
    unreadable_months
    on
        movements.account_id = unreadable_months.account_id
        and unreadable_months.month_start
        = case when movements.movement_type = 'churn' then months.month_start else months.previous_covered_month end
