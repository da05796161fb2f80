-- One row per feature whose interview count was stated by hand, in the version that landed first.
with

overrides as (

    {{ first_known_rows('product_ops', 'interview_override', ['feature_id']) }}

)

select
    feature_id,
    interview_count,
    reason as override_reason,
    {{ utc_timestamp('recorded_at', 'product_ops') }} as recorded_at,
    first_seen_at,
    previous_extract_at,
    _source_file as source_file,
    _source_row as source_row

from overrides
