-- One row per account and time of change.
with

accounts as (

    {{ known_rows('pendo', 'account_history') }}

)

select
    id as account_id,
    {{ utc_timestamp('last_updated_at', 'pendo') }} as updated_at,
    {{ utc_timestamp('first_visit', 'pendo') }} as first_visit_at,
    {{ utc_timestamp('last_visit', 'pendo') }} as last_visit_at,
    name as account_name

from accounts
