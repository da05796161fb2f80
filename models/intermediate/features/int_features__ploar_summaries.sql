-- One row per org unit and period: counts over the features that shipped in it.
with

org_periods as (

    select * from {{ ref('int_features__org_periods') }}
    where metric_id = 'ploar'

),

features as (

    select * from {{ ref('fct_features') }}
    where exclusion_reason is null

),

credited_features as (

    select
        'company' as org_level,
        '' as unit_id,
        features.*

    from features
    union all
    select
        'squad' as org_level,
        ship_squad_id as unit_id,
        features.*

    from features
    where ship_squad_id is not null
    union all
    select
        'person' as org_level,
        ship_person_id as unit_id,
        features.*

    from features
    where ship_person_id is not null

)

select
    org_periods.org_level,
    org_periods.squad_id,
    org_periods.person_id,
    org_periods.period_kind,
    org_periods.period_start,
    org_periods.period_end,
    org_periods.final_on,
    org_periods.final_after_grace_on,
    org_periods.is_open,
    count(credited.feature_id) as shipped_count,
    count(case when credited.is_matured then 1 end) as matured_count,
    count(case when credited.is_hit then 1 end) as hit_count,
    count(case when not credited.is_matured then 1 end) as pending_count,
    count(case when credited.is_early_hit then 1 end) as early_hit_count,
    count(case when credited.is_any_kpi_met then 1 end) as any_kpi_met_count,
    count(case when credited.is_ever_met then 1 end) as ever_met_count,
    count(case when credited.kpi_count = 0 then 1 end) as without_kpi_count,
    count(case when credited.unread_count > 0 then 1 end) as unread_count,
    count(case when credited.guardrail_breach_count > 0 then 1 end) as guardrail_breach_count,
    count(case when credited.is_withdrawn_early then 1 end) as withdrawn_early_count,
    count(case when not credited.has_deliver_pass_at_ship then 1 end) as without_deliver_pass_count,
    count(case when credited.miss_stage = 'discover' then 1 end) as miss_discover_count,
    count(case when credited.miss_stage = 'define' then 1 end) as miss_define_count,
    count(case when credited.miss_stage = 'develop' then 1 end) as miss_develop_count,
    count(case when credited.miss_stage = 'deliver' then 1 end) as miss_deliver_count,
    count(case when credited.miss_stage_stated = 'enablement' then 1 end) as miss_enablement_count,
    count(case when credited.miss_stage = 'undiagnosed' then 1 end) as miss_undiagnosed_count,
    min(credited.matured_on) as first_matured_on

from org_periods
left join credited_features as credited
    on
        org_periods.org_level = credited.org_level
        and org_periods.unit_id = credited.unit_id
        and org_periods.period_start <= credited.shipped_on
        and org_periods.period_end > credited.shipped_on
group by
    org_periods.org_level,
    org_periods.squad_id,
    org_periods.person_id,
    org_periods.period_kind,
    org_periods.period_start,
    org_periods.period_end,
    org_periods.final_on,
    org_periods.final_after_grace_on,
    org_periods.is_open
