-- One row per KPI whose measurement was verified or still has to be.
with

instrumentation as (

    {{ known_rows('product_ops', 'feature_instrumentation') }}

)

select
    feature_id,
    kpi_id,
    {{ utc_timestamp('verified_at', 'product_ops') }} as verified_at,
    first_seen_at,
    previous_extract_at

from instrumentation
