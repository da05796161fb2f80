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

{% macro postgres__survey_score(column) -%}
    {%- set text = trimmed(column) -%}
    case
        -- Asked before the cast, which would stop the build; what is longer is no score either.
        when {{ text }} ~ '^\s*[+-]?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?\s*$'
            then case
                when
                    cast({{ text }} as double precision) between 0 and 10
                    and cast({{ text }} as double precision) = floor(cast({{ text }} as double precision))
                    then cast(cast({{ text }} as double precision) as integer)
            end
    end
{%- endmacro %}
