-- One row per outcome review held.
with

reviews as (

    {{ known_rows('product_ops', 'outcome_review') }}

)

select
    feature_id,
    window_days,
    {{ utc_timestamp('held_at', 'product_ops') }} as held_at,
    page_id as review_page_id,
    lower({{ trimmed('miss_stage') }}) as miss_stage,
    miss_reason,
    first_seen_at,
    previous_extract_at,
    _source_file as source_file,
    _source_row as source_row

from reviews
