{% macro spark__page_body_links(relation, keep, body) -%}
    select
        {{ keep | join(', ') }},
        explode(regexp_extract_all(
            {{ body }}, {{ linked_page_ids() }}, 1
        )) as linked_page_id,
        cast(null as string) as linked_page_title
    from {{ relation }}
    union all
    select
        {{ keep | join(', ') }},
        cast(null as string) as linked_page_id,
        replace(replace(titles.title, '&quot;', '"'), '&amp;', '&') as linked_page_title
    from {{ relation }}
    lateral view explode(regexp_extract_all({{ body }}, {{ linked_page_titles() }}, 1)) titles as title
{%- endmacro %}
