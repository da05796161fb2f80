{#-
    Refreshing: a build that replaces only what the extracts since the last one can have changed. `metrics-py build` sets
    METRICS_REFRESH_SINCE to the instant the tables stand at, after it has made sure that nothing but newer extracts sets
    them apart from a full rebuild; see metrics_py.refresh. Without it, as in a plain `dbt build`, every model is built
    whole.
-#}
{% macro refresh_since() -%}
    {{ return(env_var('METRICS_REFRESH_SINCE', '') if execute else '') }}
{%- endmacro %}

{% macro is_refresh() -%}
    {{ return(refresh_since() != '') }}
{%- endmacro %}

{#- The instant the tables stand at, as a timestamp of the engine. -#}
{% macro refresh_since_instant() -%}timestamp '{{ refresh_since() }}'{%- endmacro %}

{#-
    Times of the newest full extract of a raw table as the last build knew it, and as this one does; nulls for a table
    that is never extracted in full. Asked for at once, so that what is new is found without joining all that is old.
-#}
{% macro full_extracts_around_refresh(source_name, table_name) -%}
    {%- set query -%}
        select
            max(case when extracted_at <= {{ refresh_since_instant() }} then extracted_at end),
            max(extracted_at)
        from {{ source('landing', 'raw_extracts') }}
        where source = '{{ source_name }}' and table_name = '{{ table_name }}' and is_full
    {%- endset -%}
    {{ return(run_query(query).rows[0]) }}
{%- endmacro %}

{#-
    Narrows a query of notes to those that a refresh computes anew; nothing in a full build. Rows beyond them do no harm:
    the materialization takes none that are not stale.
-#}
{% macro touched_notes_only(column, keyword='where') -%}
    {%- if not execute or is_refresh() -%}
        {%- set touched = ref('int_insights__touched_notes') -%}
        {{ keyword }} {{ column }} in (select touched_notes.note_id from {{ touched }} as touched_notes)
    {%- endif -%}
{%- endmacro %}

{#- The same for insights that take the day of the build into account: an open one ages, and its owner may change. -#}
{% macro touched_insights_only(column, keyword='where') -%}
    {%- if not execute or is_refresh() -%}
        {%- set touched = ref('int_insights__touched_notes') -%}
        {%- set states = ref('int_insights__insight_states') -%}
        {{ keyword }} {{ column }} in (
            select touched_notes.note_id from {{ touched }} as touched_notes
            union all
            select states.note_id from {{ states }} as states
            where states.state = 'open'
        )
    {%- endif -%}
{%- endmacro %}

{#- Narrows the spans of insights to those whose evidence is not settled: windows of days to come may hold them. -#}
{% macro unsettled_spans_only(spans, limits) -%}
    {%- if not execute or is_refresh() -%}
        {%- set since_on = org_date(refresh_since_instant()) -%}
        {{ touched_notes_only(spans ~ '.insight_id') }}
        or {{ spans }}.resolved_on is null
        or {{ spans }}.resolved_on >= {{ days_after(since_on, '-(' ~ limits ~ '.window_days + 2)') }}
        or {{ spans }}.started_on >= {{ days_after(since_on, '-(' ~ limits ~ '.target_days + ' ~ limits ~ '.window_days + 2)') }}
    {%- endif -%}
{%- endmacro %}

{#- A table as the last build left it, for the models that say what has changed since; they come before it is built. -#}
{% macro last_built(name, schema) -%}
    {{ return(api.Relation.create(database=this.database, schema=schema, identifier=name, type='table')) }}
{%- endmacro %}

{#-
    The condition on its own rows by which an incremental model tells those that a refresh replaces (`stale` in its meta).
    It must say the same of a row before and after, unless its note is touched. What may stand in it:
        {touched_notes}   the notes of which something else is known
        {since_on}        the local date the tables stand at
        {young_from}      the earliest start of a clock that was too young then to be judged
-#}
{% macro stale_rows() -%}
    {%- set stale = config.get('meta')['stale'] -%}
    {%- set since_on = org_date(refresh_since_instant()) -%}
    {%- set touched = '(select note_id from ' ~ ref('int_insights__touched_notes') ~ ')' -%}
    {%- set stale = stale | replace('{touched_notes}', touched) | replace('{since_on}', since_on) -%}
    {%- if '{young_from}' in stale -%}
        {%- set longest = run_query('select max(target_days) from ' ~ ref('circt_settings')).columns[0][0] -%}
        {%- set stale = stale | replace('{young_from}', days_after(since_on, '-' ~ (longest + 2))) -%}
    {%- endif -%}
    {{ return(stale) }}
{%- endmacro %}

{#- Refreshing what is not there would leave a table of the newest rows alone. -#}
{% macro require_built(relation) -%}
    {%- if relation is none or not relation.is_table -%}
        {%- do exceptions.raise_compiler_error(
            this ~ ' is missing, so it cannot be refreshed; build again with --full-refresh'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#-
    Takes away the record of the last build; see metrics_py.refresh. In a transaction of its own, because dbt rolls back
    the one in which it runs a hook's text.
-#}
{% macro forget_last_build() -%}
    {%- if execute -%}
        {%- set record = adapter.get_relation(database=target.database, schema='builds', identifier='last_build') -%}
        {%- if record is not none -%}
            {%- call statement('forget_last_build', auto_begin=true) -%}
                drop table if exists {{ record }}
            {%- endcall -%}
            {%- do adapter.commit() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
