-- One row per reading of a KPI: the one its feature is judged by, or the reason it is another.
with

readings as (

    select * from {{ ref('stg_product_ops__feature_kpi_readings') }}

),

kpis as (

    select * from {{ ref('int_features__kpis_in_force') }}

),

ships as (

    select * from {{ ref('int_features__ships') }}

),

compared_readings as (

    select
        readings.feature_id,
        readings.kpi_id,
        readings.window_days,
        readings.measured_at,
        {{ org_date('readings.measured_at') }} as measured_on,
        readings.reading_value,
        readings.is_final,
        kpis.kpi_role,
        kpis.target_value,
        case
            when kpis.is_higher_better then readings.reading_value >= kpis.target_value
            when not kpis.is_higher_better then readings.reading_value <= kpis.target_value
        end as is_target_met,
        kpis.window_closes_on,
        kpis.final_on,
        case
            when ships.feature_id is null then 'not_shipped'
            when kpis.kpi_id is null then 'kpi_not_in_force'
            when readings.window_days <> kpis.window_days then 'other_window'
            when readings.reading_value is null then 'no_value'
            when readings.measured_at < ships.shipped_at then 'before_ship'
            when {{ org_date('readings.measured_at') }} > kpis.final_on then 'after_grace'
        end as reason

    from readings
    left join ships on readings.feature_id = ships.feature_id
    left join kpis
        on
            readings.feature_id = kpis.feature_id
            and readings.kpi_id = kpis.kpi_id

),

numbered_readings as (

    select
        *,
        row_number() over (
            partition by feature_id, kpi_id, reason is null
            order by case when is_final then 0 else 1 end, measured_at desc
        ) as place

    from compared_readings

)

select
    feature_id,
    kpi_id,
    window_days,
    measured_at,
    measured_on,
    reading_value,
    is_final,
    kpi_role,
    target_value,
    is_target_met,
    window_closes_on,
    final_on,
    reason is null and place = 1 as is_judged,
    case when reason is null and place > 1 then 'superseded' else reason end as exclusion_reason

from numbered_readings
