-- One row per org unit and quarter, from the first in which a feature shipped to the one that holds as_of.
with

statistics as (

    select * from {{ ref('int_features__ploar_statistics') }}
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
    statistics.matured_count,
    statistics.hit_count,
    statistics.pending_count,
    statistics.early_hit_count,
    statistics.ploar,
    statistics.ci_low,
    statistics.ci_high,
    statistics.matured_count < thresholds.few_below as is_few,
    statistics.matured_share,
    statistics.hits_of_shipped,
    statistics.hits_with_early_of_shipped,
    statistics.lower_bound,
    statistics.upper_bound,
    statistics.any_kpi_met_count,
    statistics.any_kpi_met_share,
    statistics.ever_met_count,
    statistics.ever_met_share,
    statistics.without_kpi_count,
    statistics.unread_count,
    statistics.guardrail_breach_count,
    statistics.withdrawn_early_count,
    statistics.without_deliver_pass_count,
    statistics.miss_discover_count,
    statistics.miss_define_count,
    statistics.miss_develop_count,
    statistics.miss_deliver_count,
    statistics.miss_enablement_count,
    statistics.miss_undiagnosed_count,
    statistics.first_matured_on,
    statistics.final_on,
    statistics.final_after_grace_on

from statistics
cross join thresholds
