-- One row per page version known and link in its body, by page id or by page title; the body itself goes no further.
with

pages as (

    {{ known_versions('confluence', 'pages') }}

),

links as (

    {{ page_body_links('pages', ['id', 'version_number', 'version_created_at'], 'body_storage') }}

)

select distinct
    id as page_id,
    linked_page_id,
    linked_page_title,
    version_number,
    {{ utc_timestamp('version_created_at', 'confluence') }} as version_created_at

from links
