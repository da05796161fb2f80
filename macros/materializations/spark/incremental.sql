{#-
    Incremental tables on Spark: whole in a full build, as any table; in a refresh the stale rows are deleted and computed
    anew, in two commits. A refresh that stops between them is not taken up again: the next build is a full one.
-#}
{% materialization incremental, adapter='spark', supported_languages=['sql'] -%}
    {%- if not is_refresh() -%}
        {{ return(materialization_table_spark()) }}
    {%- endif -%}
    {%- set table = load_cached_relation(this) -%}
    {%- do require_built(table) -%}
    {%- set stale = stale_rows() -%}
    {%- if config.get('contract').enforced -%}
        {%- set sql = spark_contracted(sql) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('delete') -%}
        delete from {{ table }} where {{ stale }}
    {%- endcall -%}
    {%- call statement('main') -%}
        insert into {{ table }}
        select * from (
            {{ sql }}
        ) as fresh
        where {{ stale }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [table]}) }}
{%- endmaterialization %}
