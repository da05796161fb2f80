-- Waves whose classes do not add up to the answers without an exclusion reason.
with

answers as (

    select
        wave_id,
        count(case when exclusion_reason is null then 1 end) as counted_count

    from {{ ref('fct_survey_responses') }}
    group by wave_id

)

select
    waves.wave_id,
    waves.promoter_count + waves.passive_count + waves.detractor_count as class_count,
    answers.counted_count

from {{ ref('nps_by_wave') }} as waves
full join answers on waves.wave_id = answers.wave_id
where coalesce(waves.promoter_count + waves.passive_count + waves.detractor_count, 0) <> coalesce(answers.counted_count, 0)
