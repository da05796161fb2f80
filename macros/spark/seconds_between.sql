{% macro spark__seconds_between(from_timestamp, to_timestamp) -%}
    cast(floor((unix_micros({{ to_timestamp }}) - unix_micros({{ from_timestamp }})) / 1000000) as bigint)
{%- endmacro %}
