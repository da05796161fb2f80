-- One row per customer account.
with

accounts as (

    {{ known_rows('crm', 'account') }}

)

select
    id as account_id,
    name as account_name,
    lower({{ trimmed('domain') }}) as domain

from accounts
