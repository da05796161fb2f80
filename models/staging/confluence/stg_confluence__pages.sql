-- One row per page in its present version; the body stays behind (its links are stg_confluence__page_links).
with

pages as (

    {{ known_rows('confluence', 'pages') }}

)

select
    id as page_id,
    status as page_status,
    title as page_title,
    space_id,
    parent_id as parent_page_id,
    author_id,
    {{ utc_timestamp('created_at', 'confluence') }} as created_at,
    version_number,
    {{ utc_timestamp('version_created_at', 'confluence') }} as version_created_at,
    webui,
    _source_file as source_file,
    _source_row as source_row

from pages
