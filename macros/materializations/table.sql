{#-
    Tables on DuckDB, replaced in one statement inside one transaction: readers and a failing model keep the table
    that was there. The adapter's own way (build beside, rename, rename, drop) costs a hundred tables several seconds.
    A Python model writes through a connection of its own, so it still builds beside.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- if existing is not none and not existing.is_table -%}
        {%- do adapter.drop_relation(existing) -%}
        {%- set existing = none -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if model['language'] == 'python' -%}
        {%- set beside = make_intermediate_relation(table) -%}
        {%- do drop_relation_if_exists(load_cached_relation(beside)) -%}
        {%- call statement('main', language='python') -%}
            {{- create_table_as(False, beside, compiled_code, 'python') -}}
        {%- endcall -%}
        {%- do drop_relation_if_exists(existing) -%}
        {%- do adapter.rename_relation(beside, table) -%}
    {%- elif config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- call statement('main') -%}
            create or replace table {{ table }} {{ get_table_columns_and_constraints() }};
            insert into {{ table }} {{ get_column_names() }} (
                {{ get_select_subquery(sql) }}
            );
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            create or replace table {{ table }} as (
                {{ sql }}
            )
        {%- endcall -%}
    {%- endif -%}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{- adapter.commit() -}}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}
