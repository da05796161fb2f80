-- One row per tag on a note and span of extracts in which it stood.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
select
    note_id,
    tag_id,
    tag,
    {{ span_columns() }}

from {{ ref('stg_productboard__note_tag_versions') }}
{{ touched_notes_only('note_id') }}
