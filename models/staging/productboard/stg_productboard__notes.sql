-- One row per feedback note as it stands at as_of. The note's words (note_name, content) go no further than this view.
with

notes as (

    {{ known_rows('productboard', 'notes') }}

)

select
    id as note_id,
    type as note_type,
    name as note_name,
    content,
    coalesce(processed, false) or coalesce({{ normalised_text('state') }} = 'processed', false) as is_processed,
    coalesce(archived, false) or coalesce({{ normalised_text('state') }} = 'archived', false) as is_archived,
    owner_email,
    source_system,
    source_record_id,
    html_url,
    {{ utc_timestamp('created_at', 'productboard') }} as created_at,
    {{ utc_timestamp('updated_at', 'productboard') }} as updated_at

from notes
