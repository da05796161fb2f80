-- One row per feature or subfeature as it stands at as_of.
with

features as (

    {{ known_rows('productboard', 'features') }}

)

select
    id as feature_id,
    type as feature_type,
    name as feature_name,
    parent_id as parent_feature_id,
    status_id,
    status_name,
    coalesce(archived, false) as is_archived,
    {{ utc_timestamp('created_at', 'productboard') }} as created_at,
    {{ utc_timestamp('updated_at', 'productboard') }} as updated_at,
    _source_file as source_file,
    _source_row as source_row

from features
