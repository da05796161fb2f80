-- One row per kind of thing left out of CIRCT and reason.
with

insights as (

    select * from {{ ref('fct_insights') }}
    where state in ('left_censored', 'excluded')

),

notes as (

    select * from {{ ref('int_insights__notes_left_out') }}

),

tags as (

    select * from {{ ref('stg_productboard__note_tags') }}

),

known_tags as (

    select distinct {{ normalised_text('tag') }} as tag
    from {{ ref('tag_map') }}

),

features as (

    select * from {{ ref('stg_productboard__features') }}

),

statuses as (

    select * from {{ ref('status_stage_map') }}

),

launches as (

    select * from {{ ref('int_insights__launches') }}

),

left_out as (

    select
        'insight' as subject,
        reason

    from insights

    union all

    select
        'note' as subject,
        reason

    from notes

    union all

    select
        'tag' as subject,
        'unknown_tag' as reason

    from tags
    where tag not in (select tag from known_tags)

    union all

    select
        'feature' as subject,
        'unmapped_status' as reason

    from features
    where
        status_id is not null
        and status_id not in (select status_id from statuses)

    union all

    select
        'feature' as subject,
        'launched_by_first_extract' as reason

    from launches
    where is_already_launched_at_first_extract

    union all

    select
        'launch' as subject,
        'withdrawn_early' as reason

    from launches
    where is_withdrawn_early

)

select
    subject,
    reason,
    count(*) as left_out_count

from left_out
group by subject, reason
