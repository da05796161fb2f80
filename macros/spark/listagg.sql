{#- Texts joined in an order, which the adapter's own variant ignores; nulls are left out. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if not order_by_clause or limit_num -%}
        {{ exceptions.raise_compiler_error('on Spark listagg needs an order and takes no limit') }}
    {%- endif -%}
    array_join(
        transform(
            sort_array(collect_list(struct({{ order_by_clause | replace('order by ', '') }} as place, {{ measure }} as text))),
            item -> item.text
        ),
        {{ delimiter_text }}
    )
{%- endmacro %}
