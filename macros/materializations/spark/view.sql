{#- Views on Spark, replaced in one statement. -#}
{% materialization view, adapter='spark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set view = this.incorporate(type='view') -%}
    {%- if existing is not none and not existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        create or replace view {{ view }} as
        {{ sql }}
    {%- endcall -%}
    {%- do persist_docs(view, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [view]}) }}
{%- endmaterialization %}
