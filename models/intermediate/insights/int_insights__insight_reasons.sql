-- One row per insight: what had become of its note and links when it was resolved, or by as_of when it was not.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
with

clocks as (

    select * from {{ ref('int_insights__insight_clocks') }}
    {{ touched_notes_only('note_id') }}

),

resolutions as (

    select * from {{ ref('int_insights__insight_resolutions') }}
    {{ touched_notes_only('note_id') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

note_versions as (

    select * from {{ ref('int_insights__note_versions') }}
    {{ touched_notes_only('note_id') }}

),

extract_times as (

    select * from {{ ref('int_insights__extract_times') }}
    where table_name = 'notes'

),

changes as (

    select * from {{ ref('int_insights__change_times') }}
    where
        change = 'tags'
        {{ touched_notes_only('entity_id', 'and') }}

),

links as (

    select * from {{ ref('int_insights__insight_links') }}
    {{ touched_notes_only('note_id') }}

),

feature_versions as (

    select * from {{ ref('stg_productboard__feature_versions') }}

),

statuses as (

    select * from {{ ref('status_stage_map') }}

),

moments as (

    select
        clocks.note_id,
        resolutions.launched_at is not null as is_resolved,
        coalesce(resolutions.launched_at, build_clock.as_of) as judged_at

    from clocks
    cross join build_clock
    left join resolutions on clocks.note_id = resolutions.note_id

),

dated_versions as (

    select
        note_versions.note_id,
        note_versions.is_archived,
        extract_times.next_full_extracted_at as gone_at,
        note_versions.is_current,
        note_versions.first_seen_at,
        case
            when
                note_versions.updated_at <= note_versions.first_seen_at
                and note_versions.updated_at >= note_versions.previous_extract_at
                then note_versions.updated_at
            else note_versions.first_seen_at
        end as changed_at

    from note_versions
    left join extract_times on note_versions.last_seen_at = extract_times.extracted_at

),

versions_at_moment as (

    select
        moments.note_id,
        dated_versions.is_archived,
        not dated_versions.is_current and dated_versions.gone_at <= moments.judged_at as is_gone,
        row_number() over (
            partition by moments.note_id order by dated_versions.first_seen_at desc
        ) as version_number_from_newest

    from moments
    inner join dated_versions
        on
            moments.note_id = dated_versions.note_id
            and moments.judged_at >= dated_versions.changed_at

),

tags_at_moment as (

    select distinct moments.note_id

    from moments
    inner join changes as tags
        on
            moments.note_id = tags.entity_id
            and tags.side = 'start'
            and moments.judged_at >= tags.changed_at
    left join changes as untags
        on
            tags.entity_id = untags.entity_id
            and tags.subject_id = untags.subject_id
            and tags.span_number = untags.span_number
            and untags.side = 'end'
    where
        untags.changed_at is null
        or untags.changed_at >= moments.judged_at

),

standing_links as (

    select
        links.note_id,
        max(case when statuses.stage = 'wont_do' then 0 else 1 end) = 0 as is_wont_do

    from links
    left join feature_versions
        on
            links.card_feature_id = feature_versions.feature_id
            and feature_versions.is_current
    left join statuses on feature_versions.status_id = statuses.status_id
    where links.unlinked_at is null
    group by links.note_id

)

select
    moments.note_id,
    case
        when not moments.is_resolved and standing_links.note_id is null then 'unlinked'
        when versions_at_moment.is_gone then 'merged'
        when versions_at_moment.is_archived then 'archived'
        when tags_at_moment.note_id is null then 'untagged'
        when not moments.is_resolved and standing_links.is_wont_do then 'wont_do'
    end as reason

from moments
left join versions_at_moment
    on
        moments.note_id = versions_at_moment.note_id
        and versions_at_moment.version_number_from_newest = 1
left join tags_at_moment on moments.note_id = tags_at_moment.note_id
left join standing_links on moments.note_id = standing_links.note_id
