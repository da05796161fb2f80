{#- The session's zone is UTC, in which Spark keeps and reads instants. -#}
{% macro spark__utc_timestamp(column, source_zone, org_zone) -%}
    case
        when length({{ column }}) = 10
            then to_utc_timestamp(cast({{ column }} as timestamp), '{{ org_zone }}')
        {%- if source_zone != 'UTC' %}
        when {{ column }} not like '%Z'
            then to_utc_timestamp(cast({{ column }} as timestamp), '{{ source_zone }}')
        {%- endif %}
        else cast({{ column }} as timestamp)
    end
{%- endmacro %}
