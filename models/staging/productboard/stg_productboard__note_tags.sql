-- One row per tag on a note as it stands at as_of.
with

note_tags as (

    {{ known_rows('productboard', 'note_tags') }}

)

select
    note_id,
    tag_id,
    tag_name,
    {{ normalised_text('tag_name') }} as tag

from note_tags
