-- Users with more than one scored answer in a wave.
select
    wave_id,
    user_id,
    count(*) as scored_count

from {{ ref('fct_survey_responses') }}
where is_scored
group by wave_id, user_id
having count(*) > 1
