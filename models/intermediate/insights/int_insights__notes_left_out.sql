-- One row per note that was tagged pain or detractor but is no insight, with the reason.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
with

changes as (

    select * from {{ ref('int_insights__change_times') }}
    where
        side = 'start'
        {{ touched_notes_only('entity_id', 'and') }}

),

links as (

    select * from {{ ref('int_insights__insight_links') }}
    {{ touched_notes_only('note_id') }}

),

clocks as (

    select * from {{ ref('int_insights__insight_clocks') }}
    {{ touched_notes_only('note_id') }}

),

note_versions as (

    select * from {{ ref('int_insights__note_versions') }}
    {{ touched_notes_only('note_id') }}

),

tagged_notes as (

    select distinct entity_id as note_id
    from changes
    where
        change = 'tags'
        and entity_id not in (select note_id from clocks)

),

processed_notes as (

    select entity_id as note_id
    from changes
    where change = 'processed'

),

linked_notes as (

    select
        changes.entity_id as note_id,
        max(case when links.note_id is not null then 1 else 0 end) as has_known_feature

    from changes
    left join links
        on
            changes.entity_id = links.note_id
            and changes.subject_id = links.feature_id
    where changes.change = 'links'
    group by changes.entity_id

),

notes_as_they_stand as (

    select
        note_id,
        is_archived,
        row_number() over (partition by note_id order by first_seen_at desc) as version_number_from_newest

    from note_versions

)

select
    tagged_notes.note_id,
    case
        when linked_notes.note_id is null then 'not_linked'
        when linked_notes.has_known_feature = 0 then 'linked_to_unknown_feature'
        when processed_notes.note_id is null and notes_as_they_stand.is_archived then 'never_processed'
        else 'not_processed_yet'
    end as reason

from tagged_notes
inner join notes_as_they_stand
    on
        tagged_notes.note_id = notes_as_they_stand.note_id
        and notes_as_they_stand.version_number_from_newest = 1
left join linked_notes on tagged_notes.note_id = linked_notes.note_id
left join processed_notes on tagged_notes.note_id = processed_notes.note_id
