-- One row per reading of a KPI: the one its feature is judged by, or the reason it is another.
with

versions as (

    select * from {{ ref('stg_product_ops__feature_kpi_reading_versions') }}

),

kpis as (

    select * from {{ ref('int_features__kpis_in_force') }}

),

ships as (

    select * from {{ ref('int_features__ships') }}

),

-- Late data may correct a reading until it is final; what lands after that moves nothing.
numbered_versions as (

    select
        versions.*,
        kpis.kpi_id is not null as is_in_force,
        kpis.kpi_role,
        kpis.is_higher_better,
        kpis.target_value,
        kpis.window_days as decision_window_days,
        kpis.window_closes_on,
        kpis.final_on,
        row_number() over (
            partition by versions.feature_id, versions.kpi_id, versions.window_days, versions.measured_at
            order by
                case when {{ org_date('versions.first_seen_at') }} <= kpis.final_on then 0 else 1 end,
                case
                    when {{ org_date('versions.first_seen_at') }} <= kpis.final_on then versions.first_seen_at
                end desc,
                versions.first_seen_at
        ) as place

    from versions
    left join kpis
        on
            versions.feature_id = kpis.feature_id
            and versions.kpi_id = kpis.kpi_id

),

compared_readings as (

    select
        readings.*,
        {{ org_date('readings.measured_at') }} as measured_on,
        case
            when readings.is_higher_better then readings.reading_value >= readings.target_value
            when not readings.is_higher_better then readings.reading_value <= readings.target_value
        end as is_target_met,
        case
            when ships.feature_id is null then 'not_shipped'
            when not readings.is_in_force then 'kpi_not_in_force'
            when readings.window_days <> readings.decision_window_days then 'other_window'
            when readings.reading_value is null then 'no_value'
            when readings.measured_at < ships.shipped_at then 'before_ship'
        end as reason

    from numbered_versions as readings
    left join ships on readings.feature_id = ships.feature_id
    where readings.place = 1

),

timed_readings as (

    select
        *,
        max(case when reason is null and measured_on <= final_on then 1 else 0 end)
            over (partition by feature_id, kpi_id)
        = 1 as has_reading_in_time

    from compared_readings

),

-- After the grace only a reading marked final still counts, and only in the place of one taken in time.
reasoned_readings as (

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
        case
            when reason is not null then reason
            when measured_on > final_on and not (is_final and has_reading_in_time) then 'after_grace'
        end as reason

    from timed_readings

),

numbered_readings as (

    select
        *,
        row_number() over (
            partition by feature_id, kpi_id, reason is null
            order by
                case when is_final then 0 else 1 end,
                case when is_final then measured_at end,
                measured_at desc
        ) as place

    from reasoned_readings

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
