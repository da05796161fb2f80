-- One row per observed change of a note with its estimate, its bounds and the method that gave them.
{{ config(materialized='incremental', meta={'stale': 'entity_id in {touched_notes}'}) }}
{{ change_times(
    ref('int_insights__observed_changes'),
    ref('int_insights__webhook_events'),
    ref('webhook_attribute_map'),
    only=touched_notes_only('entity_id')
) }}
