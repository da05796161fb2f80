-- One row per move of a card to a stage, from the one signal that stands for that card.
{%- set by_log = var('portal_status_source') == 'portal_card_status' %}
with

portal_card_statuses as (

    select * from {{ ref('stg_productboard__portal_card_statuses') }}
    {%- if var('portal_name') %}
    where portal_name = '{{ var('portal_name') }}'
    {%- endif %}

),

status_changes as (

    select * from {{ ref('int_insights__status_change_times') }}

),

stages as (

    select * from {{ ref('card_stages') }}

),

logged_moves as ( -- noqa: ST03

    select
        moves.feature_id,
        moves.portal_name,
        moves.card_status as stage,
        moves.changed_at as moved_at,
        moves.changed_at as moved_lower_at,
        moves.changed_at as moved_upper_at,
        'portal_log' as method,
        false as is_known_at_first_extract

    from portal_card_statuses as moves
    inner join stages on moves.card_status = stages.stage

),

status_moves as (

    select
        entity_id as feature_id,
        'feature status' as portal_name,
        subject_id as stage,
        changed_at as moved_at,
        lower_at as moved_lower_at,
        upper_at as moved_upper_at,
        method,
        is_known_at_first_extract

    from status_changes

),

card_moves as (

    {%- if by_log %}
    select * from logged_moves
    union all
    -- A feature nobody keeps in the log falls back to its own status.
    select * from status_moves
    where feature_id not in (select feature_id from logged_moves)
    {%- else %}
    select * from status_moves
    {%- endif %}

)

select
    card_moves.*,
    stages.stage_rank

from card_moves
left join stages on card_moves.stage = stages.stage
