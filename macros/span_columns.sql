{#- When a version of a row was seen and where; last_seen_at is null while it stands, or every extract would move it. -#}
{% macro span_columns() -%}
    first_seen_at,
    case when not is_current then last_seen_at end as last_seen_at,
    previous_extract_at,
    is_current,
    source_file,
    source_row
{%- endmacro %}
