-- One row per gate review, in the version that landed first: later edits never move a score.
with

reviews as (

    {{ first_known_rows('product_ops', 'stage_gate_review', ['review_id']) }}

)

select
    review_id,
    feature_id,
    lower({{ trimmed('gate') }}) as gate,
    lower({{ trimmed('outcome') }}) as outcome,
    confidence_score,
    reviewer,
    {{ utc_timestamp('decided_at', 'product_ops') }} as decided_at,
    {{ utc_timestamp('recorded_at', 'product_ops') }} as recorded_at,
    recorded_by,
    first_seen_at,
    previous_extract_at,
    is_still_there,
    _source_file as source_file,
    _source_row as source_row

from reviews
