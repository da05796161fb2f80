-- One row per feature and Discovery Brief, in the version that landed first.
with

briefs as (

    {{ first_known_rows('product_ops', 'feature_brief', ['feature_id', 'page_id']) }}

)

select
    feature_id,
    page_id as brief_page_id,
    {{ utc_timestamp('linked_at', 'product_ops') }} as linked_at,
    first_seen_at,
    previous_extract_at,
    _source_file as source_file,
    _source_row as source_row

from briefs
