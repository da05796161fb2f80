{#- The 0 to 10 score an answer's text holds (9, " 9 ", 10.0); null when it is anything else (6.5, 11, abc, blank). -#}
{% macro survey_score(column) -%}
    {{ return(adapter.dispatch('survey_score', 'product_metrics')(column)) }}
{%- endmacro %}

{% macro default__survey_score(column) -%}
    case
        when
            try_cast(trim({{ column }}) as double) between 0 and 10
            and try_cast(trim({{ column }}) as double) = floor(try_cast(trim({{ column }}) as double))
            then cast(try_cast(trim({{ column }}) as double) as integer)
    end
{%- endmacro %}

{#- Spark reads words such as "9d" and "Infinity" as doubles, which are no scores. -#}
{% macro spark__survey_score(column) -%}
    case
        when
            {{ column }} rlike '^[ ]*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?[ ]*$'
            and cast(trim({{ column }}) as double) between 0 and 10
            and cast(trim({{ column }}) as double) = floor(cast(trim({{ column }}) as double))
            then cast(cast(trim({{ column }}) as double) as integer)
    end
{%- endmacro %}
