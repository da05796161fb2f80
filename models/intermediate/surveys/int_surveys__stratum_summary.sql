-- One row per wave and stratum: who could be asked, who was, and what they said; '(none)' is for users without one.
with

waves as (

    select * from {{ ref('int_surveys__waves') }}

),

frame as (

    select
        wave_id,
        coalesce(stratum, '(none)') as stratum,
        count(distinct user_id) as frame_count,
        count(distinct case when is_sampled then user_id end) as sampled_count

    from {{ ref('stg_survey__sampling_frame') }}
    group by wave_id, coalesce(stratum, '(none)')

),

answers as (

    select
        wave_id,
        coalesce(stratum, '(none)') as stratum,
        count(case when nps_class = 'promoter' then 1 end) as promoter_count,
        count(case when nps_class = 'passive' then 1 end) as passive_count,
        count(case when nps_class = 'detractor' then 1 end) as detractor_count

    from {{ ref('fct_survey_responses') }}
    where is_scored
    group by wave_id, coalesce(stratum, '(none)')

),

strata as (

    select
        wave_id,
        stratum
    from frame
    union
    select
        wave_id,
        stratum
    from answers

)

select
    strata.wave_id,
    strata.stratum,
    waves.previous_wave_id,
    waves.has_frame,
    coalesce(frame.frame_count, 0) as frame_count,
    coalesce(frame.sampled_count, 0) as sampled_count,
    coalesce(answers.promoter_count, 0) as promoter_count,
    coalesce(answers.passive_count, 0) as passive_count,
    coalesce(answers.detractor_count, 0) as detractor_count

from strata
inner join waves on strata.wave_id = waves.wave_id
left join frame on strata.wave_id = frame.wave_id and strata.stratum = frame.stratum
left join answers on strata.wave_id = answers.wave_id and strata.stratum = answers.stratum
