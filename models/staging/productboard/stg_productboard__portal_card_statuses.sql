-- One row per recorded move of a portal card.
with

portal_card_statuses as (

    {{ known_rows('productboard', 'portal_card_status') }}

)

select
    feature_id,
    portal_name,
    {{ normalised_text('card_status') }} as card_status,
    recorded_by,
    {{ utc_timestamp('changed_at', 'productboard') }} as changed_at,
    {{ utc_timestamp('observed_at', 'productboard') }} as observed_at,
    _source_file as source_file,
    _source_row as source_row

from portal_card_statuses
