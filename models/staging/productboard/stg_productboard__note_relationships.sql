-- One row per link of a note to a customer or a feature as it stands at as_of.
with

note_relationships as (

    {{ known_rows('productboard', 'note_relationships') }}

)

select
    note_id,
    relationship_type,
    target_type,
    target_id

from note_relationships
