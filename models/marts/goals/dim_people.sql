-- One row per person who owns a feature, a goal or a metric, or is named in the seed.
with

people as (

    select * from {{ ref('people') }}

),

owners as (

    select
        person_id,
        squad_id,
        row_number() over (partition by person_id order by owned_from_at desc, squad_id asc, feature_id asc) as recency

    from {{ ref('int_goals__feature_owners') }}
    cross join {{ ref('stg_landing__build_clock') }} as build_clock
    where owned_from_at <= build_clock.as_of

),

current_squads as (

    select * from owners
    where recency = 1

),

person_ids as (

    select person_id from people
    union
    select person_id from current_squads
    union
    select owner_id as person_id from {{ ref('goals') }}
    where owner_id is not null
    union
    select owner_id as person_id from {{ ref('metric_cards') }}
    where owner_id is not null

)

select
    person_ids.person_id,
    coalesce(
        people.display_name, replace({{ dbt.split_part('person_ids.person_id', "'@'", 1) }}, '.', ' ')
    ) as display_name,
    people.role,
    coalesce(current_squads.squad_id, people.squad_id) as squad_id,
    current_squads.person_id is not null as is_feature_owner

from person_ids
left join people on person_ids.person_id = people.person_id
left join current_squads on person_ids.person_id = current_squads.person_id
