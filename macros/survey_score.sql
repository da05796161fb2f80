{#- The 0 to 10 score an answer's text holds (9, " 9 ", 10.0); null when it is anything else (6.5, 11, 1_0, blank). -#}
{% macro survey_score(column) -%}
    {{ return(adapter.dispatch('survey_score', 'product_metrics')(column)) }}
{%- endmacro %}

{#- What a number looks like to every engine: some also read 1_0, 0x9 or inf, and one stops at 1e999. -#}
{% macro survey_score_pattern() -%}
    \s*[+-]?([0-9]{1,20}\.?[0-9]{0,20}|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?\s*
{%- endmacro %}

{% macro default__survey_score(column) -%}
    case
        when
            regexp_full_match({{ trimmed(column) }}, '{{ survey_score_pattern() }}')
            and try_cast({{ trimmed(column) }} as double) between 0 and 10
            and try_cast({{ trimmed(column) }} as double) = floor(try_cast({{ trimmed(column) }} as double))
            then cast(try_cast({{ trimmed(column) }} as double) as integer)
    end
{%- endmacro %}

{% macro postgres__survey_score(column) -%}
    {%- set text = trimmed(column) -%}
    case
        -- Asked before the cast, which would stop the build.
        when {{ text }} ~ '^{{ survey_score_pattern() }}$'
            then case
                when
                    cast({{ text }} as double precision) between 0 and 10
                    and cast({{ text }} as double precision) = floor(cast({{ text }} as double precision))
                    then cast(cast({{ text }} as double precision) as integer)
            end
    end
{%- endmacro %}
