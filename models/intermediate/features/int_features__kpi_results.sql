-- One row per shipped feature and KPI that binds it, with the reading it is judged by as far as it is known.
with

kpis as (

    select * from {{ ref('int_features__kpis_in_force') }}

),

judged_readings as (

    select * from {{ ref('fct_feature_kpi_readings') }}
    where is_judged

),

-- Any window, any day after ship: the lenient readings stand beside the headline only.
targets_ever_met as (

    select
        feature_id,
        kpi_id,
        max(case when is_target_met and measured_at >= shipped_at then 1 else 0 end) = 1 as is_ever_met

    from (
        select
            readings.feature_id,
            readings.kpi_id,
            readings.is_target_met,
            readings.measured_at,
            kpis.shipped_at

        from {{ ref('fct_feature_kpi_readings') }} as readings
        inner join kpis
            on
                readings.feature_id = kpis.feature_id
                and readings.kpi_id = kpis.kpi_id
    ) as readings_since_ship
    group by feature_id, kpi_id

)

select
    kpis.feature_id,
    kpis.kpi_id,
    kpis.kpi_role,
    kpis.window_days,
    kpis.target_value,
    kpis.target_value_at_ship,
    kpis.is_frozen_at_define,
    kpis.window_closes_on,
    kpis.final_on,
    judged_readings.reading_value,
    judged_readings.measured_at,
    judged_readings.is_final,
    judged_readings.kpi_id is not null as is_read,
    coalesce(judged_readings.is_target_met, false) as is_met,
    coalesce(targets_ever_met.is_ever_met, false) as is_ever_met,
    kpis.final_on <= build_clock.as_of_on as is_matured

from kpis
left join judged_readings
    on
        kpis.feature_id = judged_readings.feature_id
        and kpis.kpi_id = judged_readings.kpi_id
left join targets_ever_met
    on
        kpis.feature_id = targets_ever_met.feature_id
        and kpis.kpi_id = targets_ever_met.kpi_id
cross join {{ ref('stg_landing__build_clock') }} as build_clock
