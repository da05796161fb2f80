{#- What a text says after a marker such as 'recovery plan:', in any case; null where it says nothing. -#}
{% macro after_marker(text, marker) -%}
    {%- set rest -%}
        case
            when position('{{ marker }}' in lower({{ text }})) > 0
                then substring({{ text }}, position('{{ marker }}' in lower({{ text }})) + {{ marker | length }})
        end
    {%- endset -%}
    nullif({{ trimmed(rest) }}, '')
{%- endmacro %}
