-- One row per feature, audience and release.
with

releases as (

    {{ known_rows('product_ops', 'release') }}

)

select
    feature_id,
    lower({{ trimmed('audience') }}) as audience,
    {{ utc_timestamp('released_at', 'product_ops') }} as released_at,
    {{ utc_timestamp('withdrawn_at', 'product_ops') }} as withdrawn_at,
    _source_file as source_file,
    _source_row as source_row

from releases
