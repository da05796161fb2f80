-- One row per survey wave and stratum.
with

strata as (

    select * from {{ ref('int_surveys__stratum_summary') }}

),

estimates as (

    select * from {{ ref('int_surveys__nps') }}
    where segment_kind = 'stratum'

),

counted_strata as (

    select
        *,
        promoter_count + passive_count + detractor_count as scored_count,
        sum(frame_count) over (partition by wave_id) as wave_frame_count,
        sum(sampled_count) over (partition by wave_id) as wave_sampled_count,
        sum(promoter_count + passive_count + detractor_count) over (partition by wave_id) as wave_scored_count

    from strata

),

shares as (

    select
        *,
        {{ float64('frame_count') }} / nullif(wave_frame_count, 0) as frame_share,
        {{ float64('sampled_count') }} / nullif(wave_sampled_count, 0) as sampled_share,
        {{ float64('scored_count') }} / nullif(wave_scored_count, 0) as respondent_share,
        scored_count < {{ var('nps_minimum_group') }} as is_suppressed

    from counted_strata

)

select
    shares.wave_id,
    shares.stratum,
    case when shares.has_frame then cast(shares.frame_count as bigint) end as frame_count,
    case when shares.has_frame then cast(shares.sampled_count as bigint) end as sampled_count,
    cast(shares.scored_count as bigint) as scored_count,
    {{ float64('shares.scored_count') }} / nullif(shares.sampled_count, 0) as response_rate,
    shares.frame_share,
    shares.sampled_share,
    shares.respondent_share,
    shares.respondent_share / nullif(shares.frame_share, 0) as representation,
    shares.frame_share / nullif(shares.respondent_share, 0) as weight,
    shares.is_suppressed,
    case when not shares.is_suppressed then estimates.unweighted_nps end as nps,
    case when not shares.is_suppressed then estimates.unweighted_ci_low end as ci_low,
    case when not shares.is_suppressed then estimates.unweighted_ci_high end as ci_high

from shares
left join estimates on shares.wave_id = estimates.wave_id and shares.stratum = estimates.segment
