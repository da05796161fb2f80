-- One row per org unit and quarter, from the first in which a feature shipped to the one that holds as_of.
with

statistics as (

    select * from {{ ref('int_features__ddqs_statistics') }}
    where period_kind = 'quarter'

),

thresholds as (

    select * from {{ ref('feature_thresholds') }}

)

select
    statistics.org_level,
    statistics.squad_id,
    statistics.person_id,
    statistics.period_start as quarter_start,
    statistics.period_end as quarter_end,
    statistics.is_open as is_quarter_open,
    statistics.shipped_count,
    statistics.scored_count,
    statistics.coverage,
    statistics.ddqs,
    statistics.ci_low,
    statistics.ci_high,
    statistics.scored_count < thresholds.few_below as is_few,
    statistics.at_target_count,
    statistics.at_target_share as share_at_least_6,
    statistics.score_minimum as minimum,
    statistics.mean_interviews_capped as mean_interviews_capped_5,
    statistics.mean_both_capped as mean_both_capped_3,
    -- One long list of interviews can carry a mean, or one part the other; the caps show whether they do.
    coalesce(
        statistics.ddqs >= thresholds.ddqs_target_score
        and (
            statistics.mean_interviews_capped < thresholds.ddqs_target_score
            or statistics.mean_both_capped < thresholds.ddqs_target_score
        ), false
    ) as is_verdict_changed_by_caps,
    statistics.mean_confidence,
    statistics.mean_interviews,
    statistics.few_interviews_count,
    statistics.ipf_failed_count,
    {{ float64('statistics.discover_days_sum') }} / nullif(statistics.discover_days_count, 0) as mean_discover_days,
    {{ float64('statistics.define_days_sum') }} / nullif(statistics.define_days_count, 0) as mean_define_days

from statistics
cross join thresholds
