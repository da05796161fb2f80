-- One row per feedback note and span of extracts in which it stood unchanged.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
select
    note_id,
    is_processed,
    is_archived,
    created_at,
    updated_at,
    {{ span_columns() }}

from {{ ref('stg_productboard__note_versions') }}
{{ touched_notes_only('note_id') }}
