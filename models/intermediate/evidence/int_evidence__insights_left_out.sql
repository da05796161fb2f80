-- One row per insight that counts for nobody, and per painful note that is no insight, with the reason.
{{ config(materialized='ephemeral') }}
select
    'insight' as row_kind,
    insight_id as row_id,
    reason,
    started_on as event_on

from {{ ref('fct_insights') }}
where state in ('left_censored', 'excluded')

union all

select
    'note' as row_kind,
    notes.note_id as row_id,
    notes.reason,
    {{ org_date('min(note_versions.created_at)') }} as event_on

from {{ ref('int_insights__notes_left_out') }} as notes
inner join {{ ref('int_insights__note_versions') }} as note_versions on notes.note_id = note_versions.note_id
group by notes.note_id, notes.reason
