-- One row per feature or subfeature and span of extracts in which it stood unchanged.
with

feature_versions as (

    {{ known_versions('productboard', 'features') }}

)

select
    id as feature_id,
    type as feature_type,
    parent_id as parent_feature_id,
    status_id,
    {{ utc_timestamp('created_at', 'productboard') }} as created_at,
    {{ utc_timestamp('updated_at', 'productboard') }} as updated_at,
    first_seen_at,
    last_seen_at,
    previous_extract_at,
    is_current,
    _source_file as source_file,
    _source_row as source_row

from feature_versions
