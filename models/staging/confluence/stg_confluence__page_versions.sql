-- One row per page and version of it.
with

page_versions as (

    {{ known_rows('confluence', 'page_versions') }}

)

select
    page_id,
    number as version_number,
    {{ utc_timestamp('created_at', 'confluence') }} as created_at,
    author_id,
    coalesce(minor_edit, false) as is_minor_edit

from page_versions
