-- One row per account and month.
with

account_arr as (

    {{ known_rows('crm', 'account_arr') }}

)

select
    account_id,
    month as month_start,
    arr_amount,
    upper({{ trimmed('currency') }}) as currency,
    _source_file as source_file,
    _source_row as source_row

from account_arr
