-- One row per feature, counting method, brief and interview note linked in it, with the date the link is known by.
-- known_from_at is later than linked_at only where an extract taken after that date proves the link was not there.
with

briefs as (

    select * from {{ ref('stg_product_ops__feature_briefs') }}

),

brief_interviews as (

    select * from {{ ref('stg_product_ops__brief_interviews') }}

),

interview_properties as (

    select * from {{ ref('stg_confluence__page_properties') }}
    where property_key = 'interviews'

),

page_links as (

    select * from {{ ref('stg_confluence__page_links') }}

),

interview_pages as (

    select
        pages.page_id,
        pages.page_title

    from {{ ref('stg_confluence__pages') }} as pages
    inner join {{ ref('stg_confluence__page_labels') }} as page_labels
        on
            pages.page_id = page_labels.page_id
            and page_labels.label = 'customer-interview'

),

property_entries as (

    {{ json_text_items('interview_properties', ['page_id', 'version_created_at'], 'property_value') }}

),

body_entries as (

    select
        page_links.page_id,
        interview_pages.page_id as interview_page_id,
        page_links.version_created_at

    from page_links
    inner join interview_pages on page_links.linked_page_id = interview_pages.page_id
    union all
    select
        page_links.page_id,
        interview_pages.page_id as interview_page_id,
        page_links.version_created_at

    from page_links
    inner join interview_pages on page_links.linked_page_title = interview_pages.page_title

),

links_by_method as (

    select
        'brief_interview' as count_method,
        1 as method_rank,
        brief_page_id,
        interview_page_id,
        linked_at,
        greatest(linked_at, coalesce(previous_extract_at, linked_at)) as known_from_at

    from brief_interviews
    union all
    select
        'page_property' as count_method,
        2 as method_rank,
        page_id as brief_page_id,
        {{ trimmed('item') }} as interview_page_id,
        min(version_created_at) as linked_at,
        min(version_created_at) as known_from_at

    from property_entries
    where {{ trimmed('item') }} <> ''
    group by page_id, {{ trimmed('item') }}
    union all
    select
        'page_body' as count_method,
        3 as method_rank,
        page_id as brief_page_id,
        interview_page_id,
        min(version_created_at) as linked_at,
        min(version_created_at) as known_from_at

    from body_entries
    group by page_id, interview_page_id

)

select
    briefs.feature_id,
    links_by_method.brief_page_id,
    links_by_method.interview_page_id,
    links_by_method.count_method,
    links_by_method.method_rank,
    briefs.linked_at as brief_linked_at,
    greatest(
        coalesce(briefs.linked_at, briefs.previous_extract_at),
        coalesce(briefs.previous_extract_at, briefs.linked_at)
    ) as brief_known_from_at,
    links_by_method.linked_at,
    links_by_method.known_from_at

from links_by_method
inner join briefs on links_by_method.brief_page_id = briefs.brief_page_id
