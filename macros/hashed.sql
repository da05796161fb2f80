{#- A salted hash of an e-mail or a name, equal for spellings that differ in case or outer blanks; null stays null. -#}
{% macro hashed(column) -%}
    md5('{{ privacy_salt() }}' || lower({{ trimmed(column) }}))
{%- endmacro %}

{#- The salt: var `privacy_salt`, whose default in dbt_project.yml is itself an expression that reads the environment.
    It is read when a model runs and not when it is parsed, because dbt keeps on disk what parsing read. -#}
{% macro privacy_salt() -%}
    {%- if execute -%} {{ render(var('privacy_salt')) | replace("'", "''") }} {%- endif -%}
{%- endmacro %}
