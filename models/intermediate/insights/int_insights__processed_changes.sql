-- One row per note that was ever processed: not yet so at lower_at, so at upper_at.
{{ config(materialized='incremental', meta={'stale': 'entity_id in {touched_notes}'}) }}
with

note_versions as (

    select
        *,
        min(first_seen_at) over (partition by note_id) as note_first_seen_at,
        min(case when is_processed then first_seen_at end) over (partition by note_id) as processed_seen_at

    from {{ ref('int_insights__note_versions') }}
    {{ touched_notes_only('note_id') }}

),

-- An archived note hides whether it was processed, so only a note seen open and unprocessed proves "not yet".
processed_notes as (

    select
        note_id,
        note_first_seen_at,
        processed_seen_at,
        max(case when first_seen_at = processed_seen_at then created_at end) as created_at,
        max(case when first_seen_at = processed_seen_at then updated_at end) as updated_at,
        coalesce(
            max(case when first_seen_at < processed_seen_at and not is_archived then last_seen_at end),
            max(case when first_seen_at = note_first_seen_at then previous_extract_at end)
        ) as not_yet_at

    from note_versions
    where processed_seen_at is not null
    group by
        note_id,
        note_first_seen_at,
        processed_seen_at

),

-- Archived from the first extract until it came back processed: known only as at or before that extract.
processed_changes as (

    select
        'processed' as change,
        'start' as side,
        'note' as entity_type,
        note_id as entity_id,
        note_id as subject_id,
        1 as span_number,
        not_yet_at,
        case when not_yet_at is not null then processed_seen_at else note_first_seen_at end as upper_at,
        created_at,
        case when not_yet_at is not null or processed_seen_at = note_first_seen_at then updated_at end as updated_at

    from processed_notes

)

{{ bounded_changes('processed_changes') }}
