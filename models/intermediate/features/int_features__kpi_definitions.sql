-- One row per KPI and definition or change of it, with the span [effective_at, replaced_at) in which it stood.
with

definitions as (

    select * from {{ ref('stg_product_ops__feature_kpi_definition_versions') }}
    where version_number = 1

),

directions as (

    select * from {{ ref('kpi_directions') }}

),

effective_definitions as (

    select
        definitions.*,
        directions.is_higher_better,
        -- A row proven absent by an extract was written down after it, whatever it says.
        greatest(
            definitions.defined_at, coalesce(definitions.previous_extract_at, definitions.defined_at)
        ) as effective_at

    from definitions
    left join directions on definitions.direction = directions.direction

)

select
    feature_id,
    kpi_id,
    kpi_name,
    kpi_role,
    kpi_metric,
    is_higher_better,
    baseline,
    target_value,
    window_days,
    defined_at,
    effective_at,
    lead(effective_at) over (partition by feature_id, kpi_id order by effective_at, defined_at) as replaced_at,
    row_number() over (partition by feature_id, kpi_id order by effective_at, defined_at) as definition_number,
    change_reason

from effective_definitions
