-- One row per KPI, definition or change of it, and landed version; the first version binds.
with

definitions as (

    {{ known_versions('product_ops', 'feature_kpi_definition') }}

)

select
    feature_id,
    kpi_id,
    name as kpi_name,
    lower({{ trimmed('role') }}) as kpi_role,
    metric as kpi_metric,
    lower({{ trimmed('direction') }}) as direction,
    baseline,
    target_value,
    window_days,
    {{ utc_timestamp('defined_at', 'product_ops') }} as defined_at,
    change_reason,
    first_seen_at,
    previous_extract_at,
    row_number() over (
        partition by feature_id, kpi_id, defined_at order by first_seen_at, previous_extract_at nulls first, _row_hash
    ) as version_number,
    _source_file as source_file,
    _source_row as source_row

from definitions
