-- One row per webhook delivery the organisation kept.
with

webhook_events as (

    {{ known_rows('productboard', 'webhook_events') }}

)

select
    delivery_id,
    event_type,
    entity_id,
    updated_attributes,
    {{ utc_timestamp('received_at', 'productboard') }} as received_at,
    _source_file as source_file,
    _source_row as source_row

from webhook_events
