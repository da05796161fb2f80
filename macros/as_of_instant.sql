{#- The instant the build looks from, as a UTC timestamp: var `as_of`, else the newest extract landed. -#}
{% macro as_of_instant() -%}
    {%- if var('as_of') -%}
        {{ utc_timestamp("'" ~ var('as_of') ~ "'") }}
    {%- else -%}
        (select max(extracted_at) from {{ source('landing', 'raw_extracts') }})
    {%- endif -%}
{%- endmacro %}
