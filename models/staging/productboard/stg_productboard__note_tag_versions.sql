-- One row per tag on a note and span of extracts in which it stood unchanged.
with

note_tag_versions as (

    {{ known_versions('productboard', 'note_tags') }}

)

select
    note_id,
    tag_id,
    {{ normalised_text('tag_name') }} as tag,
    first_seen_at,
    last_seen_at,
    previous_extract_at,
    is_current,
    _source_file as source_file,
    _source_row as source_row

from note_tag_versions
