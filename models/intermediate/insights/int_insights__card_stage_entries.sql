-- One row per card and stage it reached: its first entry to that stage or beyond.
with

card_moves as (

    select * from {{ ref('int_insights__card_moves') }}
    where stage_rank is not null

),

launches as (

    select * from {{ ref('int_insights__launches') }}
    where launch_method = 'source_history'

),

stages as (

    select * from {{ ref('card_stages') }}

),

moves as (

    select
        feature_id,
        stage_rank,
        moved_at,
        moved_lower_at,
        moved_upper_at,
        method

    from card_moves

    union all

    select
        launches.feature_id,
        stages.stage_rank,
        launches.launched_at as moved_at,
        launches.launched_lower_at as moved_lower_at,
        launches.launched_upper_at as moved_upper_at,
        launches.launch_method as method

    from launches
    inner join stages on stages.stage = 'launched'

),

ordered_entries as (

    select
        moves.feature_id,
        stages.stage,
        moves.moved_at,
        moves.moved_lower_at,
        moves.moved_upper_at,
        moves.method,
        row_number() over (
            partition by moves.feature_id, stages.stage
            order by moves.moved_at, moves.moved_upper_at, moves.stage_rank, moves.method
        ) as entry_number

    from moves
    inner join stages on moves.stage_rank >= stages.stage_rank

)

select
    feature_id,
    stage,
    moved_at as entered_at,
    moved_lower_at as entered_lower_at,
    moved_upper_at as entered_upper_at,
    {{ org_date('moved_at') }} as entered_on,
    method

from ordered_entries
where entry_number = 1
