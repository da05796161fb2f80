{#-
    Seeds on Spark, replaced in one statement that holds the rows, since the engine may run where the file is not. Every
    column has a type in `column_types`, so dbt has read each cell as text, and an empty one as null.
-#}
{% materialization seed, adapter='spark' -%}
    {%- set types = config.require('column_types') -%}
    {%- set rows = load_agate_table() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- if existing is not none and existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        create or replace table {{ table }} using iceberg as
        select
        {%- for column, type in types.items() %}
            {%- set cell = adapter.quote(column) %}
            cast({{ cell }} as {{ spark_type(type) }}) as {{ cell }}{{ ',' if not loop.last }}
        {%- endfor %}
        from values
        {%- for row in rows.rows %}
            ({% for cell in row -%}
                {{ 'null' if cell is none else spark_text(cell) }}{{ ', ' if not loop.last }}
            {%- endfor %}){{ ',' if not loop.last }}
        {%- else %}
            ({% for column in rows.column_names %}null{{ ', ' if not loop.last }}{% endfor %})
        {%- endfor %}
        as cells ({% for column in rows.column_names %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %})
        {{- ' where false' if not rows.rows }}
    {%- endcall -%}
    {%- do store_result('agate_table', response='OK', agate_table=rows) -%}
    {%- do persist_docs(table, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}
