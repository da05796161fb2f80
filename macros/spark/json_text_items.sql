{% macro spark__json_text_items(relation, keep, json_text) -%}
    select
        {{ keep | join(', ') }},
        explode(from_json({{ json_text }}, 'array<string>')) as item
    from {{ relation }}
{%- endmacro %}
