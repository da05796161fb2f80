-- One row per key result, day observed and recording of it.
with

checkins as (

    {{ known_rows('product_ops', 'key_result_checkin') }}

)

select
    key_result_id,
    observed_on,
    value as observed_value,
    matured_share,
    {{ utc_timestamp('recorded_at', 'product_ops') }} as recorded_at,
    recorded_by,
    comment as checkin_comment,
    status_override,
    override_reason,
    override_expires_on

from checkins
