-- One row per card and span of ownership; a subfeature is owned by whoever owns its parent.
with

feature_versions as (

    select
        *,
        row_number() over (partition by feature_id order by first_seen_at desc) as version_number_from_newest

    from {{ ref('stg_productboard__feature_versions') }}

),

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

)

select
    features.feature_id as card_feature_id,
    owners.person_id,
    owners.squad_id,
    owners.owned_from_at,
    owners.owned_until_at,
    owners.owned_from_on,
    owners.owned_until_on

from feature_versions as features
inner join owners
    on
        owners.feature_id = case
            when features.feature_type = 'subfeature' then coalesce(features.parent_feature_id, features.feature_id)
            else features.feature_id
        end
where features.version_number_from_newest = 1
