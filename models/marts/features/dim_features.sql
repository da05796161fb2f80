-- One row per feature or subfeature ever named, also when Productboard no longer has it.
with

cards as (

    select * from {{ ref('stg_productboard__features') }}

),

launches as (

    select distinct feature_id from {{ ref('int_insights__launches') }}

),

owners as (

    select * from {{ ref('int_goals__feature_owners') }}

),

named_features as (

    select feature_id from cards
    union
    select feature_id from launches
    union
    select feature_id from owners
    union
    select feature_id from {{ ref('stg_product_ops__stage_gate_reviews') }}

),

current_owners as (

    select owners.*
    from owners
    inner join {{ ref('stg_landing__build_clock') }} as build_clock
        on
            owners.owned_from_at <= build_clock.as_of
            and (owners.owned_until_at > build_clock.as_of or owners.owned_until_at is null)

)

select
    named_features.feature_id,
    cards.feature_name,
    coalesce(cards.feature_type, 'feature') as feature_type,
    coalesce(cards.feature_type, 'feature') = 'subfeature' as is_subfeature,
    cards.parent_feature_id,
    cards.feature_id is not null as is_in_productboard,
    coalesce(cards.is_archived, false) as is_archived,
    cards.created_at,
    current_owners.person_id,
    current_owners.squad_id

from named_features
left join cards on named_features.feature_id = cards.feature_id
left join current_owners
    on
        case when cards.feature_type = 'subfeature' then cards.parent_feature_id else named_features.feature_id end
        = current_owners.feature_id
