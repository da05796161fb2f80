-- One row per shipped feature: its first full-audience launch and its owner then; a relaunch is no second feature.
with

launches as (

    select * from {{ ref('int_insights__launches') }}
    where
        launch_number = 1
        and launched_at is not null

),

features as (

    select * from {{ ref('dim_features') }}

),

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

)

select
    launches.feature_id,
    launches.launched_at as shipped_at,
    launches.launched_on as shipped_on,
    {{ org_date('coalesce(launches.launched_lower_at, launches.launched_at)') }} as shipped_lower_on,
    {{ quarter_start('launches.launched_on') }} as ship_quarter_start,
    launches.launch_method as ship_method,
    launches.withdrawn_at,
    launches.is_withdrawn_early,
    owners.person_id as ship_person_id,
    owners.squad_id as ship_squad_id

from launches
inner join features
    on
        launches.feature_id = features.feature_id
        and not features.is_subfeature
left join owners
    on
        launches.feature_id = owners.feature_id
        and launches.launched_at >= owners.owned_from_at
        and (launches.launched_at < owners.owned_until_at or owners.owned_until_at is null)
