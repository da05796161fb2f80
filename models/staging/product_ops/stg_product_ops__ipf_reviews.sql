-- One row per review of a Discovery Brief against the checklist, in the version that landed first.
with

reviews as (

    {{ first_known_rows('product_ops', 'ipf_review', ['review_id']) }}

)

select
    review_id,
    feature_id,
    lower({{ trimmed('outcome') }}) as outcome,
    {{ utc_timestamp('decided_at', 'product_ops') }} as decided_at,
    first_seen_at,
    previous_extract_at,
    _source_file as source_file,
    _source_row as source_row

from reviews
