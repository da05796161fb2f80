{#-
    Tables on Spark: one statement, which replaces the table's content in the Iceberg catalog; readers and a failing model
    keep what was there. The adapter's own way does so only where each model names its file format.
-#}
{% materialization table, adapter='spark', supported_languages=['sql'] -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- if existing is not none and existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- set sql = spark_contracted(sql) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace table {{ table }} using iceberg {{ partition_cols(label='partitioned by') }} as
        {{ sql }}
    {%- endcall -%}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}

{#- A query's columns in the order of the contract and with its types. -#}
{% macro spark_contracted(sql) -%}
    select
    {%- for column in model['columns'].values() %}
        {{ dbt.cast(column['name'], column['data_type']) }} as {{ column['name'] }}{{ ',' if not loop.last }}
    {%- endfor %}
    from (
        {{ sql }}
    ) as selected
{%- endmacro %}
