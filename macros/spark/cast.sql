{#- A contract's type as Spark writes it: text is `string`, which has no `varchar` without a length. -#}
{% macro spark__cast(field, type) -%}
    cast({{ field }} as {{ spark_type(type) }})
{%- endmacro %}

{% macro spark_type(type) -%}
    {{ return(type | replace('varchar', 'string')) }}
{%- endmacro %}

{#- A text literal; Spark reads a backslash in one as an escape. -#}
{% macro spark_text(text) -%}
    '{{ text | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
{%- endmacro %}
