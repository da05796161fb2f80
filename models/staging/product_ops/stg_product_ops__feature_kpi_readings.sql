-- One row per KPI, window and measurement.
with

readings as (

    {{ known_rows('product_ops', 'feature_kpi_reading') }}

)

select
    feature_id,
    kpi_id,
    window_days,
    value as reading_value,
    {{ utc_timestamp('measured_at', 'product_ops') }} as measured_at,
    coalesce(is_final, false) as is_final,
    first_seen_at,
    previous_extract_at

from readings
