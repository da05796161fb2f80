-- One row per page and label.
with

labels as (

    {{ known_rows('confluence', 'page_labels') }}

)

select
    page_id,
    lower({{ trimmed('label') }}) as label

from labels
