-- One row per account and month; exclusion_reason is null for the amounts that count.
with

account_arr as (

    select * from {{ ref('stg_crm__account_arr') }}

)

select
    account_id,
    month_start,
    arr_amount,
    currency,
    case when currency <> '{{ var("org_currency") }}' then 'other_currency' end as exclusion_reason

from account_arr
