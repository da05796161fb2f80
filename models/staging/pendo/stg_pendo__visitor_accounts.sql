-- One row per visitor, account and time of change.
with

visitor_accounts as (

    {{ known_rows('pendo', 'visitor_account_history') }}

)

select
    {{ hashed_if_email('visitor_id') }} as user_id,
    account_id,
    {{ utc_timestamp('visitor_last_updated_at', 'pendo') }} as updated_at

from visitor_accounts
