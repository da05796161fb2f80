-- One row per survey wave and what had become of the pains of the answering user's account.
with

groups as (

    select
        *,
        promoter_count + passive_count + detractor_count as scored_count,
        promoter_count + passive_count + detractor_count < {{ var('nps_minimum_group') }} as is_suppressed,
        previous_detractor_count < {{ var('nps_minimum_group') }} as is_move_suppressed

    from {{ ref('int_surveys__segment_summary') }}
    where segment_kind = 'pain_resolution'

),

estimates as (

    select * from {{ ref('int_surveys__nps') }}
    where segment_kind = 'pain_resolution'

)

select
    groups.wave_id,
    groups.segment as pain_resolution,
    cast(groups.scored_count as bigint) as scored_count,
    groups.is_suppressed,
    case when not groups.is_suppressed then estimates.unweighted_nps end as nps,
    case when not groups.is_suppressed then estimates.unweighted_ci_low end as ci_low,
    case when not groups.is_suppressed then estimates.unweighted_ci_high end as ci_high,
    cast(groups.previous_detractor_count as bigint) as previous_detractor_count,
    case when not groups.is_move_suppressed then cast(groups.became_promoter_count as bigint) end
        as became_promoter_count,
    case when not groups.is_move_suppressed then estimates.became_promoter_share end as became_promoter_share,
    case when not groups.is_move_suppressed then estimates.became_promoter_ci_low end as became_promoter_ci_low,
    case when not groups.is_move_suppressed then estimates.became_promoter_ci_high end as became_promoter_ci_high,
    'Association, not proof: accounts differ in more than how fast their pains were resolved.' as note

from groups
left join estimates on groups.wave_id = estimates.wave_id and groups.segment = estimates.segment
