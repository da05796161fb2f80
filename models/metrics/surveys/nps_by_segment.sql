-- One row per survey wave, kind of segment and segment.
with

segments as (

    select
        *,
        promoter_count + passive_count + detractor_count as scored_count,
        promoter_count + passive_count + detractor_count < {{ var('nps_minimum_group') }} as is_suppressed

    from {{ ref('int_surveys__segment_summary') }}
    where segment_kind in ('tenure', 'engagement', 'channel')

),

estimates as (

    select * from {{ ref('int_surveys__nps') }}

)

select
    segments.wave_id,
    segments.segment_kind,
    segments.segment,
    cast(segments.scored_count as bigint) as scored_count,
    segments.is_suppressed,
    case when not segments.is_suppressed then cast(segments.promoter_count as bigint) end as promoter_count,
    case when not segments.is_suppressed then cast(segments.passive_count as bigint) end as passive_count,
    case when not segments.is_suppressed then cast(segments.detractor_count as bigint) end as detractor_count,
    case when not segments.is_suppressed then estimates.unweighted_nps end as nps,
    case when not segments.is_suppressed then estimates.unweighted_ci_low end as ci_low,
    case when not segments.is_suppressed then estimates.unweighted_ci_high end as ci_high

from segments
left join estimates
    on
        segments.wave_id = estimates.wave_id
        and segments.segment_kind = estimates.segment_kind
        and segments.segment = estimates.segment
