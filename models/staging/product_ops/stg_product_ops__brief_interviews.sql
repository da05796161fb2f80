-- One row per brief and interview note linked in it, in the version that landed first.
with

links as (

    {{ first_known_rows('product_ops', 'brief_interview', ['brief_page_id', 'interview_page_id']) }}

)

select
    brief_page_id,
    interview_page_id,
    {{ utc_timestamp('linked_at', 'product_ops') }} as linked_at,
    first_seen_at,
    previous_extract_at,
    is_still_there,
    _source_file as source_file,
    _source_row as source_row

from links
