-- One row per insight: resolved, open, left_censored or excluded, and why.
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

reasons as (

    select * from {{ ref('int_insights__insight_reasons') }}
    {{ touched_notes_only('note_id') }}

),

links as (

    select * from {{ ref('int_insights__insight_links') }}
    {{ touched_notes_only('note_id') }}

),

launches as (

    select * from {{ ref('int_insights__launches') }}
    where not is_withdrawn_early

),

first_note_extract as (

    select min(extracted_at) as first_extracted_at
    from {{ ref('int_insights__extract_times') }}
    where table_name = 'notes'

),

first_launches as (

    select
        feature_id,
        min(coalesce(launched_at, launched_upper_at)) as first_launched_at

    from launches
    group by feature_id

),

card_fates as (

    select
        clocks.note_id,
        max(case when first_launches.first_launched_at < clocks.started_at then 1 else 0 end) as launched_before_start,
        max(case when first_launches.feature_id is null and links.unlinked_at is null then 1 else 0 end)
            as still_to_launch

    from clocks
    inner join links on clocks.note_id = links.note_id
    left join first_launches on links.card_feature_id = first_launches.feature_id
    group by clocks.note_id

),

ordered_links as (

    select
        note_id,
        card_feature_id,
        row_number() over (
            partition by note_id order by linked_at, card_feature_id, feature_id, span_number
        ) as link_number

    from links

)

select
    clocks.note_id,
    ordered_links.card_feature_id as first_card_feature_id,
    case
        when clocks.started_at <= first_note_extract.first_extracted_at then 'left_censored'
        when resolutions.note_id is not null then 'resolved'
        when card_fates.launched_before_start = 1 and card_fates.still_to_launch = 0 then 'excluded'
        else 'open'
    end as state,
    case
        when clocks.started_at <= first_note_extract.first_extracted_at then 'started_by_first_extract'
        when resolutions.note_id is not null then reasons.reason
        when card_fates.launched_before_start = 1 and card_fates.still_to_launch = 0 then 'launched_before_start'
        else reasons.reason
    end as reason

from clocks
cross join first_note_extract
inner join card_fates on clocks.note_id = card_fates.note_id
inner join ordered_links
    on
        clocks.note_id = ordered_links.note_id
        and ordered_links.link_number = 1
left join resolutions on clocks.note_id = resolutions.note_id
left join reasons on clocks.note_id = reasons.note_id
