{#-
    The version of each row that landed first, whatever was edited or removed later, for tables where the past binds.
    `key` lists the raw key columns. Beside the columns of known_versions: is_still_there, whether any version of the
    row stands at as_of.
-#}
{% macro first_known_rows(source_name, table_name, key) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key | join(', ') }} order by first_seen_at, previous_extract_at nulls first, _row_hash
            ) as landed_version_number,
            max(case when is_current then 1 else 0 end) over (partition by {{ key | join(', ') }}) = 1 as is_still_there
        from ({{ known_versions(source_name, table_name) }}) as versions
    ) as numbered_versions
    where landed_version_number = 1
{%- endmacro %}
