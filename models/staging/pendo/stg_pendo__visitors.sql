-- One row per visitor and time of change.
with

visitors as (

    {{ known_rows('pendo', 'visitor_history') }}

)

select
    {{ hashed_if_email('id') }} as user_id,
    {{ utc_timestamp('last_updated_at', 'pendo') }} as updated_at,
    {{ utc_timestamp('first_visit', 'pendo') }} as first_visit_at,
    {{ utc_timestamp('last_visit', 'pendo') }} as last_visit_at,
    {{ hashed('email') }} as email_hash,
    {{ hashed('full_name') }} as full_name_hash,
    account_id

from visitors
