-- One row per shipped feature and KPI that binds it: as it stood at the last honest Define pass before ship.
-- A feature without a success KPI then is bound by the first definition of each KPI before ship.
with

ships as (

    select * from {{ ref('int_features__ships') }}

),

definitions as (

    select * from {{ ref('int_features__kpi_definitions') }}

),

define_passes as (

    select
        feature_id,
        max(decided_at) as defined_pass_at

    from {{ ref('int_features__gate_decisions') }}
    where
        stage = 'define'
        and is_pass
        and is_before_ship
        and not is_backdated
    group by feature_id

),

standing_definitions as (

    select
        ships.feature_id,
        ships.shipped_at,
        definitions.kpi_id,
        definitions.kpi_role,
        definitions.definition_number,
        coalesce(
            definitions.effective_at <= define_passes.defined_pass_at
            and (
                definitions.replaced_at > define_passes.defined_pass_at
                or definitions.replaced_at is null
            ), false
        ) as stood_at_define,
        definitions.effective_at <= ships.shipped_at as is_before_ship,
        definitions.effective_at <= ships.shipped_at
        and (definitions.replaced_at > ships.shipped_at or definitions.replaced_at is null) as stood_at_ship

    from ships
    inner join definitions on ships.feature_id = definitions.feature_id
    left join define_passes on ships.feature_id = define_passes.feature_id

),

defined_features as (

    select
        feature_id,
        max(case when stood_at_define and kpi_role = 'primary' then 1 else 0 end) = 1 as has_kpi_at_define

    from standing_definitions
    group by feature_id

),

defined_kpis as (

    select
        feature_id,
        kpi_id,
        max(case when stood_at_define then 1 else 0 end) = 1 as is_kpi_at_define,
        min(case when is_before_ship then definition_number end) as first_definition_number,
        max(case when stood_at_define then definition_number end) as define_definition_number,
        max(case when stood_at_ship then definition_number end) as ship_definition_number

    from standing_definitions
    group by feature_id, kpi_id

),

bound_kpis as (

    select
        defined_kpis.feature_id,
        defined_kpis.kpi_id,
        defined_kpis.is_kpi_at_define,
        defined_kpis.ship_definition_number,
        case
            when defined_kpis.is_kpi_at_define then defined_kpis.define_definition_number
            when not defined_features.has_kpi_at_define then defined_kpis.first_definition_number
        end as bound_definition_number

    from defined_kpis
    inner join defined_features on defined_kpis.feature_id = defined_features.feature_id

)

select
    bound_kpis.feature_id,
    bound_kpis.kpi_id,
    bound.kpi_name,
    bound.kpi_role,
    bound.kpi_metric,
    bound.is_higher_better,
    bound.baseline,
    bound.target_value,
    bound.window_days,
    bound.defined_at,
    bound_kpis.is_kpi_at_define as is_frozen_at_define,
    at_ship.target_value as target_value_at_ship,
    ships.shipped_at,
    ships.shipped_on,
    {{ days_after('ships.shipped_on', 'bound.window_days') }} as window_closes_on,
    {{ days_after('ships.shipped_on', 'bound.window_days + thresholds.kpi_grace_days') }} as final_on

from bound_kpis
inner join ships on bound_kpis.feature_id = ships.feature_id
inner join definitions as bound
    on
        bound_kpis.feature_id = bound.feature_id
        and bound_kpis.kpi_id = bound.kpi_id
        and bound_kpis.bound_definition_number = bound.definition_number
left join definitions as at_ship
    on
        bound_kpis.feature_id = at_ship.feature_id
        and bound_kpis.kpi_id = at_ship.kpi_id
        and bound_kpis.ship_definition_number = at_ship.definition_number
cross join {{ ref('feature_thresholds') }} as thresholds
