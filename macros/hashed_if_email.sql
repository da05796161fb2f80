{#- An id as it is, unless the vendor used an e-mail address for it: then its salted hash. Joins hold either way. -#}
{% macro hashed_if_email(column) -%}
    case when {{ column }} like '%@%' then {{ hashed(column) }} else {{ trimmed(column) }} end
{%- endmacro %}
