-- One row per link of a note to something on the roadmap and span of extracts in which it stood.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
select
    note_id,
    target_type,
    target_id,
    {{ span_columns() }}

from {{ ref('stg_productboard__note_relationship_versions') }}
where
    relationship_type = 'link'
    {{ touched_notes_only('note_id', 'and') }}
