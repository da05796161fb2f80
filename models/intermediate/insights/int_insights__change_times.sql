-- One row per observed change of a note with its estimate, its bounds and the method that gave them.
{{ config(materialized='incremental', meta={'stale': 'entity_id in {touched_notes}'}) }}
with

observed_changes as (

    select * from {{ ref('int_insights__observed_changes') }}
    {{ touched_notes_only('entity_id') }}

),

webhook_events as (

    select * from {{ ref('stg_productboard__webhook_events') }}
    {{ touched_notes_only('entity_id') }}

),

change_times as (

    {{ change_times('observed_changes', 'webhook_events', ref('webhook_attribute_map')) }}

)

select * from change_times
