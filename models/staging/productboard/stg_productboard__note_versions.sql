-- One row per feedback note and span of extracts in which it stood unchanged.
with

note_versions as (

    {{ known_versions('productboard', 'notes') }}

)

select
    id as note_id,
    -- Rows of the old API carry `state`, those of the new one the two booleans.
    coalesce(processed, false) or coalesce({{ normalised_text('state') }} = 'processed', false) as is_processed,
    coalesce(archived, false) or coalesce({{ normalised_text('state') }} = 'archived', false) as is_archived,
    {{ utc_timestamp('created_at', 'productboard') }} as created_at,
    {{ utc_timestamp('updated_at', 'productboard') }} as updated_at,
    first_seen_at,
    last_seen_at,
    previous_extract_at,
    is_current,
    _source_file as source_file,
    _source_row as source_row

from note_versions
