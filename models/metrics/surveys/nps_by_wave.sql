-- One row per survey wave.
with

summaries as (

    select * from {{ ref('int_surveys__wave_summary') }}

),

estimates as (

    select * from {{ ref('int_surveys__nps') }}
    where segment_kind = 'wave'

)

select
    summaries.wave_id,
    summaries.drawn_on as period_start,
    {{ days_after('summaries.last_answered_on', 1) }} as period_end,
    estimates.post_stratified_nps as nps,
    estimates.post_stratified_se as se,
    estimates.post_stratified_ci_low as ci_low,
    estimates.post_stratified_ci_high as ci_high,
    estimates.post_stratified_n_effective as n_effective,
    case
        when summaries.scored_count = 0 then 'no_answers'
        when not summaries.has_frame then 'frame_missing'
    end as value_reason,
    estimates.n_kish,
    estimates.design_effect,
    estimates.previous_wave_id,
    estimates.change_reading,
    estimates.change,
    estimates.change_se,
    estimates.change_ci_low,
    estimates.change_ci_high,
    cast(estimates.both_answered_count as bigint) as both_answered_count,
    estimates.target_change,
    cast(estimates.answers_needed as bigint) as answers_needed,
    cast(estimates.answers_needed_cautious as bigint) as answers_needed_cautious,
    estimates.raked_nps,
    estimates.raked_ci_low,
    estimates.raked_ci_high,
    estimates.unweighted_nps,
    estimates.unweighted_se,
    estimates.unweighted_ci_low,
    estimates.unweighted_ci_high,
    estimates.unweighted_wald_ci_low,
    estimates.unweighted_wald_ci_high,
    estimates.unweighted_t_ci_low,
    estimates.unweighted_t_ci_high,
    estimates.unweighted_score_ci_low,
    estimates.unweighted_score_ci_high,
    summaries.promoter_count,
    summaries.passive_count,
    summaries.detractor_count,
    summaries.scored_count,
    summaries.answer_count,
    summaries.sampled_count,
    summaries.invited_count,
    summaries.contacted_count,
    {{ float64('summaries.scored_count') }} / nullif(summaries.sampled_count, 0) as response_rate,
    estimates.representativeness,
    summaries.frame_count,
    {{ float64('estimates.post_stratified_population_covered') }} / nullif(summaries.frame_count, 0) as covered_share

from summaries
left join estimates on summaries.wave_id = estimates.wave_id
