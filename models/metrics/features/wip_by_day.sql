-- One row per squad and day with a feature between its Define pass and its ship, against the squad's limit.
with

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

define_passes as (

    select
        feature_id,
        min(decided_on) as started_on

    from {{ ref('int_features__gate_decisions') }}
    where
        stage = 'define'
        and is_pass
    group by feature_id

),

spans as (

    select
        define_passes.feature_id,
        define_passes.started_on,
        features.shipped_on

    from define_passes
    inner join {{ ref('fct_features') }} as features on define_passes.feature_id = features.feature_id
    where
        not features.is_archived
        and coalesce(features.exclusion_reason, '') <> 'launched_before_first_extract'

),

days as (

    {{ day_spine(
        '(select min(started_on) from spans)',
        '(select as_of_on from build_clock)'
    ) }}

),

work as (

    select
        days.day,
        owners.squad_id,
        count(*) as in_progress_count

    from spans
    inner join days
        on
            spans.started_on <= days.day
            and (spans.shipped_on > days.day or spans.shipped_on is null)
    inner join {{ ref('int_goals__feature_owners') }} as owners
        on
            spans.feature_id = owners.feature_id
            and days.day >= owners.owned_from_on
            and (days.day < owners.owned_until_on or owners.owned_until_on is null)
    group by days.day, owners.squad_id

)

select
    work.squad_id,
    work.day,
    work.in_progress_count,
    wip_limits.wip_limit,
    coalesce(work.in_progress_count > wip_limits.wip_limit, false) as is_over_limit

from work
left join {{ ref('wip_limits') }} as wip_limits on work.squad_id = wip_limits.squad_id
