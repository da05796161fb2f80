{#- A text people wrote: null unless var `publish_free_text` lets it leave staging. -#}
{% macro free_text(column) -%}
    {%- if var('publish_free_text') -%} {{ column }} {%- else -%} cast(null as {{ dbt.type_string() }}) {%- endif -%}
{%- endmacro %}
