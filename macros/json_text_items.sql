{#- One row per text item of a JSON list: the columns named in `keep` and `item`. Text that is no list gives no row. -#}
{% macro json_text_items(relation, keep, json_text) -%}
    {{ return(adapter.dispatch('json_text_items', 'product_metrics')(relation, keep, json_text)) }}
{%- endmacro %}

{% macro default__json_text_items(relation, keep, json_text) -%}
    select
        {{ keep | join(', ') }},
        unnest(from_json(
            case
                when json_valid({{ json_text }}) and json_type({{ json_text }}) = 'ARRAY' then {{ json_text }}
                else '[]'
            end,
            '["VARCHAR"]'
        )) as item
    from {{ relation }}
{%- endmacro %}

{% macro postgres__json_text_items(relation, keep, json_text) -%}
    select
        {{ keep | join(', ') }},
        items.item
    from {{ relation }}
    cross join lateral json_array_elements_text(
        -- JSON may spell the null character, which no text of PostgreSQL can hold.
        case
            when {{ json_text }} is json array and position('\u0000' in {{ json_text }}) = 0 then {{ json_text }}
            else '[]'
        end::json
    ) as items (item)
{%- endmacro %}
