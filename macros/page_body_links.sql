{#-
    One row per link in a page body (Confluence storage format): the columns named in `keep`, linked_page_id (from an
    address `.../pages/<id>/...` or `pageId=<id>`) or linked_page_title (from `ri:content-title`), the other one null.
-#}
{% macro page_body_links(relation, keep, body) -%}
    {{ return(adapter.dispatch('page_body_links', 'product_metrics')(relation, keep, body)) }}
{%- endmacro %}

{% macro default__page_body_links(relation, keep, body) -%}
    select
        {{ keep | join(', ') }},
        unnest(regexp_extract_all(
            {{ body }}, {{ linked_page_ids() }}, 1
        )) as linked_page_id,
        cast(null as varchar) as linked_page_title
    from {{ relation }}
    union all
    select
        {{ keep | join(', ') }},
        cast(null as varchar) as linked_page_id,
        replace(replace(
            unnest(regexp_extract_all({{ body }}, {{ linked_page_titles() }}, 1)), '&quot;', '"'
        ), '&amp;', '&') as linked_page_title
    from {{ relation }}
{%- endmacro %}

{% macro postgres__page_body_links(relation, keep, body) -%}
    select
        {{ keep | join(', ') }},
        found.groups[1] as linked_page_id,
        cast(null as varchar) as linked_page_title
    from {{ relation }}
    cross join lateral regexp_matches({{ body }}, {{ linked_page_ids() }}, 'g') as found (groups)
    union all
    select
        {{ keep | join(', ') }},
        cast(null as varchar) as linked_page_id,
        replace(replace(found.groups[1], '&quot;', '"'), '&amp;', '&') as linked_page_title
    from {{ relation }}
    cross join lateral regexp_matches({{ body }}, {{ linked_page_titles() }}, 'g') as found (groups)
{%- endmacro %}

{#- Regular expressions of the two, each with one group; all three engines read them alike. -#}
{% macro linked_page_ids() -%}'(?:/pages/|pageId=|ri:content-id="|ri:page-id=")([A-Za-z0-9_-]+)'{%- endmacro %}

{% macro linked_page_titles() -%}'ri:content-title="([^"]+)"'{%- endmacro %}
