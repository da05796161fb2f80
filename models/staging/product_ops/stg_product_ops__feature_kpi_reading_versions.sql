-- One row per KPI, window, measurement and landed version of it: which one binds depends on when it landed.
with

versions as (

    {{ known_versions('product_ops', 'feature_kpi_reading') }}

)

select
    feature_id,
    kpi_id,
    window_days,
    value as reading_value,
    {{ utc_timestamp('measured_at', 'product_ops') }} as measured_at,
    coalesce(is_final, false) as is_final,
    first_seen_at,
    _source_file as source_file,
    _source_row as source_row

from versions
