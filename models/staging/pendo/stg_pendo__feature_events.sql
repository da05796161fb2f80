-- One row per user, feature and time of use.
with

feature_events as (

    {{ known_rows('pendo', 'feature_event') }}

)

select
    {{ hashed_if_email('visitor_id') }} as user_id,
    account_id,
    feature_id as pendo_feature_id,
    {{ utc_timestamp('timestamp', 'pendo') }} as used_at,
    num_events as event_count,
    num_minutes as minute_count

from feature_events
