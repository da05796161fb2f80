-- One row per survey wave, wave and class of a person's answer before it, and class of the answer in it.
with

moves as (

    select
        wave_id,
        previous_wave_id,
        is_from_wave_before,
        previous_nps_class,
        nps_class,
        sum(user_count) as user_count

    from {{ ref('int_surveys__move_summary') }}
    group by wave_id, previous_wave_id, is_from_wave_before, previous_nps_class, nps_class

),

totals as (

    select
        *,
        sum(user_count) over (partition by wave_id, previous_wave_id, previous_nps_class) as previous_user_count

    from moves

)

select
    wave_id,
    previous_wave_id,
    is_from_wave_before,
    previous_nps_class,
    nps_class,
    cast(user_count as bigint) as user_count,
    cast(previous_user_count as bigint) as previous_user_count,
    case
        when previous_user_count >= {{ var('nps_minimum_group') }}
            then {{ float64('user_count') }} / previous_user_count
    end as move_share

from totals
