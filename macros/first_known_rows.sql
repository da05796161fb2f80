{#-
    The version of each row that landed first, whatever was edited or removed later, for tables where the past binds.
    `key` lists the raw key columns. Beside the columns of known_versions: version_count.
-#}
{% macro first_known_rows(source_name, table_name, key) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key | join(', ') }} order by first_seen_at, previous_extract_at nulls first, _row_hash
            ) as version_number,
            count(*) over (partition by {{ key | join(', ') }}) as version_count
        from ({{ known_versions(source_name, table_name) }}) as versions
    ) as numbered_versions
    where version_number = 1
{%- endmacro %}
