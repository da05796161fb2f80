-- One row per page, content property and version of it; the value is JSON text.
with

properties as (

    {{ first_known_rows('confluence', 'page_properties', ['page_id', 'key', 'version_number']) }}

)

select
    page_id,
    key as property_key,
    value as property_value,
    version_number,
    {{ utc_timestamp('version_created_at', 'confluence') }} as version_created_at,
    first_seen_at,
    previous_extract_at,
    _source_file as source_file,
    _source_row as source_row

from properties
