-- One row per link of a note to a customer or a feature and span of extracts in which it stood.
with

note_relationship_versions as (

    {{ known_versions('productboard', 'note_relationships') }}

)

select
    note_id,
    relationship_type,
    target_type,
    target_id,
    first_seen_at,
    last_seen_at,
    previous_extract_at,
    is_current,
    _source_file as source_file,
    _source_row as source_row

from note_relationship_versions
