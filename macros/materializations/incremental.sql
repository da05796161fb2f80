{#-
    Incremental tables on DuckDB: whole in a full build, as any table; in a refresh the stale rows are replaced in one
    transaction. The adapter's own strategies know rows by a key and cannot take away what is no longer there.
-#}
{% materialization incremental, adapter='duckdb' -%}
    {%- if not is_refresh() -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set table = load_cached_relation(this) -%}
    {%- do require_built(table) -%}
    {%- set stale = stale_rows() -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        delete from {{ table }} where {{ stale }};
        insert into {{ table }} by name
        select * from (
            {{ sql }}
        ) as fresh
        where {{ stale }};
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{- adapter.commit() -}}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}

{#- The same on PostgreSQL; columns come in the order in which the same query made the table. -#}
{% materialization incremental, adapter='postgres' -%}
    {%- if not is_refresh() -%}
        {{ return(materialization_table_default()) }}
    {%- endif -%}
    {%- set table = load_cached_relation(this) -%}
    {%- do require_built(table) -%}
    {%- set stale = stale_rows() -%}
    {%- set columns = adapter.get_columns_in_relation(table) | map(attribute='quoted') | join(', ') -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        delete from {{ table }} where {{ stale }};
        insert into {{ table }} ({{ columns }})
        select {{ columns }} from (
            {{ sql }}
        ) as fresh
        where {{ stale }};
        analyze {{ table }};
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{- adapter.commit() -}}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}
