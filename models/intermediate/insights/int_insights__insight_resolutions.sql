-- One row per insight that a launch resolved: the first full launch, from its start on, of a card linked by then.
{{ config(materialized='incremental', meta={'stale': 'note_id in {touched_notes}'}) }}
with

clocks as (

    select * from {{ ref('int_insights__insight_clocks') }}
    {{ touched_notes_only('note_id') }}

),

links as (

    select * from {{ ref('int_insights__insight_links') }}
    {{ touched_notes_only('note_id') }}

),

launches as (

    select * from {{ ref('int_insights__launches') }}
    where
        not is_withdrawn_early
        and launched_at is not null

),

candidates as (

    select
        clocks.note_id,
        launches.*,
        row_number() over (
            partition by clocks.note_id
            order by launches.launched_at, links.linked_at, launches.feature_id, launches.launch_number
        ) as candidate_number

    from clocks
    inner join links on clocks.note_id = links.note_id
    inner join launches
        on
            links.card_feature_id = launches.feature_id
            and links.linked_at <= launches.launched_at
            and clocks.started_at <= launches.launched_at
            and (links.unlinked_at >= launches.launched_at or links.unlinked_at is null)

)

select
    note_id,
    feature_id as card_feature_id,
    launch_number,
    launched_at,
    launched_lower_at,
    launched_upper_at,
    launched_on,
    launch_method,
    withdrawn_at

from candidates
where candidate_number = 1
