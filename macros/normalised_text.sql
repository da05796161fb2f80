{#- Text as it is compared: lower case, without surrounding blanks and without accents ("Páin " is "pain"). -#}
{% macro normalised_text(text) -%}
    {{ return(adapter.dispatch('normalised_text', 'product_metrics')(text)) }}
{%- endmacro %}

{% macro default__normalised_text(text) -%}lower({{ trimmed("strip_accents(" ~ text ~ ")") }}){%- endmacro %}

{#-
    PostgreSQL has no strip_accents: letters are taken apart, marks removed, the rest put together. The marks are those
    of Latin, Greek, Cyrillic, Hebrew, Arabic, Devanagari, Thai and kana, and what varies symbols; of other scripts they
    stay.
-#}
{% macro postgres__normalised_text(text) -%}
    {%- set marks = [
        '\\0300-\\036F', '\\0483-\\0489', '\\0591-\\05BD', '\\05BF', '\\05C1\\05C2', '\\05C4\\05C5', '\\05C7', '\\0610-\\061A',
        '\\064B-\\065F', '\\0670', '\\06D6-\\06DC', '\\06DF-\\06E4', '\\06E7\\06E8', '\\06EA-\\06ED', '\\0900-\\0903',
        '\\093A-\\093C', '\\093E-\\094F', '\\0951-\\0957', '\\0E31', '\\0E34-\\0E3A', '\\0E47-\\0E4E', '\\1AB0-\\1ACE',
        '\\1DC0-\\1DFF', '\\20D0-\\20F0', '\\302A-\\302F', '\\3099\\309A', '\\FE00-\\FE0F', '\\FE20-\\FE2F'
    ] -%}
    lower({{ trimmed("normalize(regexp_replace(normalize(" ~ text ~ ", NFD), U&'[" ~ marks | join ~ "]', '', 'g'), NFC)") }})
{%- endmacro %}
