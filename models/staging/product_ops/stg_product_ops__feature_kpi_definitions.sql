-- One row per KPI and its definition or change, in the version that landed first.
with

definitions as (

    {{ first_known_rows('product_ops', 'feature_kpi_definition', ['feature_id', 'kpi_id', 'defined_at']) }}

)

select
    feature_id,
    kpi_id,
    name as kpi_name,
    lower(trim(role)) as kpi_role,
    metric as kpi_metric,
    lower(trim(direction)) as direction,
    baseline,
    target_value,
    window_days,
    {{ utc_timestamp('defined_at', 'product_ops') }} as defined_at,
    change_reason,
    first_seen_at,
    previous_extract_at

from definitions
