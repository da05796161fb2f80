{#-
    The tables and views of a schema. The adapter's own way asks the engine to describe each of them, which takes
    longer than building many of them; an Iceberg catalog tells the two kinds apart by listing each.
    Rows are what the adapter expects of `show table extended`: schema, name, is temporary, information.
-#}
{% macro spark__list_relations_without_caching(relation) -%}
    {%- set found = [] -%}
    {%- for row in run_query('show tables in ' ~ relation.schema) -%}
        {%- do found.append((row[0], row[1], false, 'Provider: iceberg')) -%}
    {%- endfor -%}
    {%- for row in run_query('show views in ' ~ relation.schema) -%}
        {%- if not row[2] -%}
            {%- do found.append((row[0], row[1], false, 'Type: VIEW')) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
