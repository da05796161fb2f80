-- One row per launch of a card to the full audience.
with

releases as (

    select * from {{ ref('stg_product_ops__releases') }}
    where audience = 'full'

),

card_moves as (

    select * from {{ ref('int_insights__card_moves') }}

),

settings as (

    select * from {{ ref('circt_settings') }}

),

moves_with_neighbours as (

    select
        *,
        lag(stage) over (partition by feature_id, portal_name order by moved_at, stage_rank) as previous_stage

    from card_moves

),

-- A card that stays launched and is noted again was not launched again.
turns as (

    select
        *,
        lead(moved_at) over (partition by feature_id, portal_name order by moved_at, stage_rank) as left_at

    from moves_with_neighbours
    where
        previous_stage is null
        or previous_stage <> stage

),

portal_launches as (

    select
        *,
        max(coalesce(left_at, timestamp '9999-12-31 00:00:00')) over (
            partition by feature_id
            order by moved_at, portal_name
            rows between unbounded preceding and 1 preceding
        ) as launched_elsewhere_until_at

    from turns
    where
        stage = 'launched'
        and feature_id not in (select feature_id from releases)

),

-- On several portals a card is launched from the first that shows it until the last that does.
portal_spells as (

    select
        *,
        sum(case when moved_at <= launched_elsewhere_until_at then 0 else 1 end) over (
            partition by feature_id
            order by moved_at, portal_name
            rows between unbounded preceding and current row
        ) as spell_number

    from portal_launches

),

spells as (

    select
        feature_id,
        spell_number,
        min(moved_at) as launched_at,
        min(moved_lower_at) as launched_lower_at,
        min(moved_upper_at) as launched_upper_at,
        min(method) as launch_method,
        max(coalesce(left_at, timestamp '9999-12-31 00:00:00')) as withdrawn_at,
        max(case when is_known_at_first_extract then 1 else 0 end) = 1 as is_already_launched_at_first_extract

    from portal_spells
    group by feature_id, spell_number

),

launches as (

    select
        feature_id,
        released_at as launched_at,
        released_at as launched_lower_at,
        released_at as launched_upper_at,
        'source_history' as launch_method,
        withdrawn_at,
        false as is_already_launched_at_first_extract

    from releases

    union all

    select
        feature_id,
        case when not is_already_launched_at_first_extract then launched_at end as launched_at,
        launched_lower_at,
        launched_upper_at,
        launch_method,
        case when withdrawn_at < timestamp '9999-12-31 00:00:00' then withdrawn_at end as withdrawn_at,
        is_already_launched_at_first_extract

    from spells

),

dated_launches as (

    select
        *,
        row_number() over (partition by feature_id order by launched_upper_at) as launch_number,
        {{ org_date('launched_at') }} as launched_on,
        {{ org_date('withdrawn_at') }} as withdrawn_on

    from launches

)

select
    dated_launches.feature_id,
    dated_launches.launch_number,
    dated_launches.launched_at,
    dated_launches.launched_lower_at,
    dated_launches.launched_upper_at,
    dated_launches.launched_on,
    dated_launches.launch_method,
    dated_launches.withdrawn_at,
    dated_launches.withdrawn_on,
    coalesce(
        {{ days_between('dated_launches.launched_on', 'dated_launches.withdrawn_on') }}
        < settings.early_withdrawal_days,
        false
    ) as is_withdrawn_early,
    dated_launches.is_already_launched_at_first_extract

from dated_launches
cross join settings
