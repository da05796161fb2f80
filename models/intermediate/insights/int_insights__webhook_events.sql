-- One row per webhook delivery the organisation kept.
select
    delivery_id,
    event_type,
    entity_id,
    updated_attributes,
    received_at,
    source_file,
    source_row

from {{ ref('stg_productboard__webhook_events') }}
