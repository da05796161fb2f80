-- One row per note that was processed, tagged pain or detractor, and linked to a feature: when its clock started.
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

note_changes as (

    select
        entity_id as note_id,
        change,
        changed_at,
        lower_at,
        upper_at,
        method

    from changes
    where change in ('processed', 'tags')

    union all

    select
        note_id,
        'links' as change,
        linked_at as changed_at,
        linked_lower_at as lower_at,
        linked_upper_at as upper_at,
        link_method as method

    from links

),

ordered_changes as (

    select
        *,
        row_number() over (partition by note_id, change order by changed_at, upper_at, method) as change_number,
        min(lower_at) over (partition by note_id, change) as first_lower_at,
        min(upper_at) over (partition by note_id, change) as first_upper_at

    from note_changes

),

first_changes as (

    select
        note_id,
        change,
        changed_at,
        first_lower_at as lower_at,
        first_upper_at as upper_at,
        method,
        row_number() over (partition by note_id order by changed_at desc, first_upper_at desc, method asc) as latest_number

    from ordered_changes
    where change_number = 1

),

clocks as (

    select
        note_id,
        max(case when change = 'processed' then changed_at end) as processed_at,
        max(case when change = 'processed' then lower_at end) as processed_lower_at,
        max(case when change = 'processed' then upper_at end) as processed_upper_at,
        max(case when change = 'processed' then method end) as processed_method,
        max(case when change = 'tags' then changed_at end) as tagged_at,
        max(case when change = 'tags' then lower_at end) as tagged_lower_at,
        max(case when change = 'tags' then upper_at end) as tagged_upper_at,
        max(case when change = 'tags' then method end) as tagged_method,
        max(case when change = 'links' then changed_at end) as linked_at,
        max(case when change = 'links' then lower_at end) as linked_lower_at,
        max(case when change = 'links' then upper_at end) as linked_upper_at,
        max(case when change = 'links' then method end) as linked_method,
        max(changed_at) as started_at,
        max(lower_at) as started_lower_at,
        max(upper_at) as started_upper_at,
        max(case when latest_number = 1 then method end) as started_method

    from first_changes
    group by note_id

)

select * from clocks
where
    processed_at is not null
    and tagged_at is not null
    and linked_at is not null
