-- One row per landed version of a gate review, for the diff of what was edited afterwards.
with

versions as (

    {{ known_versions('product_ops', 'stage_gate_review') }}

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
    last_seen_at,
    previous_extract_at,
    is_current

from versions
