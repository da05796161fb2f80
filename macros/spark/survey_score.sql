{#- Spark reads words such as "9d" and "Infinity" as doubles, which are no scores. -#}
{% macro spark__survey_score(column) -%}
    {%- set text = trimmed(column) -%}
    case
        when
            -- A backslash in a literal of Spark's is written twice.
            {{ text }} rlike '^{{ survey_score_pattern() | replace("\\", "\\\\") }}$'
            and cast({{ text }} as double) between 0 and 10
            and cast({{ text }} as double) = floor(cast({{ text }} as double))
            then cast(cast({{ text }} as double) as integer)
    end
{%- endmacro %}
