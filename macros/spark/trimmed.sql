{#- Spark trims the ASCII blank alone. -#}
{% macro spark__trimmed(text) -%}
    {%- set blanks = [
        '20', 'A0', '1680', '2000', '2001', '2002', '2003', '2004', '2005', '2006', '2007', '2008', '2009', '200A', '202F',
        '205F', '3000'
    ] -%}
    trim(both '{% for blank in blanks %}\u{{ ('0000' ~ blank)[-4:] }}{% endfor %}' from {{ text }})
{%- endmacro %}
