{#-
    Views on DuckDB, replaced in one statement. The adapter's own way (create beside, rename, rename, drop) is for
    engines that cannot, and costs a staging layer of fifty views several seconds of every build.
-#}
{% materialization view, adapter='duckdb' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set view = this.incorporate(type='view') -%}
    {%- if existing is not none and not existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        create or replace view {{ view }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {%- do persist_docs(view, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{- adapter.commit() -}}
    {{ return({'relations': [view]}) }}
{%- endmaterialization %}
