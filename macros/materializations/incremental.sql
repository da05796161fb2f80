{#-
    Incremental tables: whole in a full build, as any table; in a refresh the stale rows are replaced. The adapters' own
    strategies know rows by a key and cannot take away what is no longer there.
-#}
{% materialization incremental, adapter='duckdb' -%}
    {{ return(replace_stale_rows() if is_refresh() else materialization_table_duckdb()) }}
{%- endmaterialization %}

{% materialization incremental, adapter='postgres' -%}
    {{ return(replace_stale_rows(is_analyzed=true) if is_refresh() else materialization_table_default()) }}
{%- endmaterialization %}

{#-
    In one transaction; columns by name, since a contract orders those of the table. `is_analyzed`: whether the engine has
    to be told that the rows are others now.
-#}
{% macro replace_stale_rows(is_analyzed=false) -%}
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
        {% if is_analyzed %}analyze {{ table }};{% endif %}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{- adapter.commit() -}}
    {{ return({'relations': [table]}) }}
{%- endmacro %}
