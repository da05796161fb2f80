-- One row per initiative and key result it should move; an initiative without any has one row of its own.
with

initiatives as (

    select * from {{ ref('initiatives') }}

),

effects as (

    select * from {{ ref('initiative_effects') }}

),

key_results as (

    select * from {{ ref('dim_key_results') }}

),

goals as (

    select * from {{ ref('goals') }}

),

features as (

    select * from {{ ref('fct_features') }}

),

-- What ships no feature has nothing that could date it, and is taken to be live from its planned day.
dated_initiatives as (

    select
        initiatives.*,
        build_clock.as_of_on,
        case
            when initiatives.feature_id is not null then features.shipped_on
            when initiatives.planned_launch_on <= build_clock.as_of_on then initiatives.planned_launch_on
        end as launch_on

    from initiatives
    cross join {{ ref('stg_landing__build_clock') }} as build_clock
    left join features on initiatives.feature_id = features.feature_id

)

select
    dated_initiatives.initiative_id || '/' || coalesce(effects.key_result_id, 'none') as link_id,
    dated_initiatives.initiative_id,
    dated_initiatives.name,
    dated_initiatives.owner_id,
    dated_initiatives.squad_id,
    dated_initiatives.feature_id,
    dated_initiatives.launch_on,
    dated_initiatives.planned_launch_on,
    case
        when dated_initiatives.launch_on is not null then 'launched'
        when dated_initiatives.planned_launch_on is null then 'undated'
        when dated_initiatives.planned_launch_on <= dated_initiatives.as_of_on then 'late'
        else 'planned'
    end as status,
    effects.key_result_id,
    goals.goal_id,
    effects.expected_effect as effect,
    effects.probability,
    effects.evidence_grade,
    effects.mechanism,
    goals.goal_id is null as is_orphan,
    case
        when effects.initiative_id is null then 'no_key_result'
        when key_results.key_result_id is null then 'unknown_key_result'
        when key_results.goal_id is null then 'key_result_without_goal'
        when goals.goal_id is null then 'unknown_goal'
    end as orphan_reason

from dated_initiatives
left join effects on dated_initiatives.initiative_id = effects.initiative_id
left join key_results on effects.key_result_id = key_results.key_result_id
left join goals on key_results.goal_id = goals.goal_id
