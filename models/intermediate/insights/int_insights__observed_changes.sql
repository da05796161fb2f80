-- One row per change of a note that consecutive extracts show: not yet so at lower_at, so at upper_at.
{{ config(materialized='incremental', meta={'stale': 'entity_id in {touched_notes}'}) }}
with

note_versions as (

    select
        note_versions.*,
        lead(note_versions.first_seen_at) over (
            partition by note_versions.note_id order by note_versions.first_seen_at
        ) as replaced_at,
        case when not note_versions.is_current then extract_times.next_full_extracted_at end as not_seen_at

    from {{ ref('int_insights__note_versions') }} as note_versions
    left join {{ ref('int_insights__extract_times') }} as extract_times
        on
            extract_times.table_name = 'notes'
            and note_versions.last_seen_at = extract_times.extracted_at
    {{ touched_notes_only('note_versions.note_id') }}

),

tag_spans as (

    select * from {{ ref('int_insights__note_tag_spans') }}
    {{ touched_notes_only('note_id') }}

),

link_spans as (

    select * from {{ ref('int_insights__note_link_spans') }}
    {{ touched_notes_only('note_id') }}

),

extract_times as (

    select * from {{ ref('int_insights__extract_times') }}

),

insight_tags as (

    select distinct {{ normalised_text('tag') }} as tag
    from {{ ref('tag_map') }}
    where kind in ('pain', 'detractor')

),

note_attribute_spans as (

    select
        'tags' as change,
        tag_spans.note_id,
        tag_spans.tag_id as subject_id,
        tag_spans.first_seen_at,
        tag_spans.last_seen_at,
        tag_spans.previous_extract_at,
        tag_spans.is_current,
        'note_tags' as table_name

    from tag_spans
    inner join insight_tags on tag_spans.tag = insight_tags.tag

    union all

    select
        'links' as change,
        note_id,
        target_id as subject_id,
        first_seen_at,
        last_seen_at,
        previous_extract_at,
        is_current,
        'note_relationships' as table_name

    from link_spans
    where target_type in ('feature', 'subfeature')

),

numbered_spans as (

    select
        spans.*,
        extract_times.next_full_extracted_at as gone_seen_at,
        row_number() over (
            partition by spans.change, spans.note_id, spans.subject_id order by spans.first_seen_at
        ) as span_number

    from note_attribute_spans as spans
    left join extract_times
        on
            spans.table_name = extract_times.table_name
            and spans.last_seen_at = extract_times.extracted_at
            and not spans.is_current

),

sides as (

    select 'start' as side
    union all
    select 'end' as side

),

attribute_changes as (

    select
        spans.change,
        sides.side,
        spans.note_id,
        spans.subject_id,
        spans.span_number,
        case sides.side when 'start' then spans.previous_extract_at when 'end' then spans.last_seen_at end as not_yet_at,
        case sides.side when 'start' then spans.first_seen_at when 'end' then spans.gone_seen_at end as upper_at

    from numbered_spans as spans
    cross join sides
    where
        sides.side = 'start'
        or spans.gone_seen_at is not null

),

-- A tag or link has no times of its own: the note's version known at that extract lends its updated_at.
-- What goes with its note (merged, deleted) was not taken away from it.
note_attribute_changes as (

    select
        attribute_changes.change,
        attribute_changes.side,
        'note' as entity_type,
        attribute_changes.note_id as entity_id,
        attribute_changes.subject_id,
        attribute_changes.span_number,
        attribute_changes.not_yet_at,
        attribute_changes.upper_at,
        note_versions.created_at,
        note_versions.updated_at

    from attribute_changes
    inner join note_versions
        on
            attribute_changes.note_id = note_versions.note_id
            and attribute_changes.upper_at >= note_versions.first_seen_at
            and (attribute_changes.upper_at < note_versions.replaced_at or note_versions.replaced_at is null)
    where
        attribute_changes.side = 'start'
        or note_versions.not_seen_at is null
        or note_versions.not_seen_at > attribute_changes.upper_at

)

{{ bounded_changes('note_attribute_changes') }}

union all

select * from {{ ref('int_insights__processed_changes') }}
{{ touched_notes_only('entity_id') }}
