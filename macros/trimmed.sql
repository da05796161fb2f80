{#- Text without the blanks around it, of whatever width (a no-break space is one); tabs and line ends stay. -#}
{% macro trimmed(text) -%}
    {{ return(adapter.dispatch('trimmed', 'product_metrics')(text)) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}trim({{ text }}){%- endmacro %}

{#- PostgreSQL trims the ASCII blank alone. -#}
{% macro postgres__trimmed(text) -%}btrim({{ text }}, U&'{{ blanks('\\') }}'){%- endmacro %}

{#- The blanks of Unicode, each as its four hexadecimal digits after the mark by which an engine's texts escape them. -#}
{% macro blanks(escape) -%}
    {%- for code in [
        '0020', '00A0', '1680', '2000', '2001', '2002', '2003', '2004', '2005', '2006', '2007', '2008', '2009', '200A',
        '202F', '205F', '3000'
    ] %}{{ escape ~ code }}{% endfor -%}
{%- endmacro %}
