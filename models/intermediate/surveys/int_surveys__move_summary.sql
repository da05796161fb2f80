-- One row per wave, class and stratum of an answer, and wave, class and stratum of the same person's answer before it.
select
    wave_id,
    previous_wave_id,
    coalesce(previous_wave_id = wave_before, false) as is_from_wave_before,
    stratum,
    nps_class,
    previous_stratum,
    previous_nps_class,
    count(*) as user_count

from {{ ref('int_surveys__scored_answers') }}
where previous_wave_id is not null
group by
    wave_id,
    previous_wave_id,
    coalesce(previous_wave_id = wave_before, false),
    stratum,
    nps_class,
    previous_stratum,
    previous_nps_class
