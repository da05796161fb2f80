-- One row per guide view or dismissal.
with

guide_events as (

    {{ known_rows('pendo', 'guide_event') }}

)

select
    {{ hashed_if_email('visitor_id') }} as user_id,
    account_id,
    guide_id,
    guide_step_id,
    type as event_type,
    {{ utc_timestamp('timestamp', 'pendo') }} as happened_at

from guide_events
