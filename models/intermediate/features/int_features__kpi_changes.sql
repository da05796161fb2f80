-- One row per KPI and definition or change of it, and per landed version that wrote one of them over in place.
with

kpi_statements as (

    select
        definitions.feature_id,
        definitions.kpi_id,
        definitions.definition_number,
        definition_versions.version_number,
        case
            when definition_versions.version_number = 1 then definitions.effective_at
            else definition_versions.first_seen_at
        end as stated_at,
        definition_versions.kpi_role || ': ' || definition_versions.direction || ', target '
        || coalesce({{ number_text('definition_versions.target_value') }}, 'none')
        || ' after ' || cast(definition_versions.window_days as {{ dbt.type_string() }}) || ' days' as definition_text

    from {{ ref('int_features__kpi_definitions') }} as definitions
    inner join {{ ref('stg_product_ops__feature_kpi_definition_versions') }} as definition_versions
        on
            definitions.feature_id = definition_versions.feature_id
            and definitions.kpi_id = definition_versions.kpi_id
            and definitions.defined_at = definition_versions.defined_at

)

select
    statements.feature_id,
    statements.kpi_id || '/' || cast(statements.definition_number as {{ dbt.type_string() }}) as changed_id,
    coalesce(previous_statements.definition_text, 'none') as value_at_gate,
    statements.definition_text as value_later,
    statements.stated_at as changed_at

from kpi_statements as statements
left join kpi_statements as previous_statements
    on
        statements.feature_id = previous_statements.feature_id
        and statements.kpi_id = previous_statements.kpi_id
        and statements.definition_number = previous_statements.definition_number + 1
        and previous_statements.version_number = 1
where statements.version_number = 1
union all
select
    edited.feature_id,
    edited.kpi_id || '/' || cast(edited.definition_number as {{ dbt.type_string() }})
    || ' edited ' || cast(edited.version_number as {{ dbt.type_string() }}) as changed_id,
    originals.definition_text as value_at_gate,
    edited.definition_text as value_later,
    edited.stated_at as changed_at

from kpi_statements as edited
inner join kpi_statements as originals
    on
        edited.feature_id = originals.feature_id
        and edited.kpi_id = originals.kpi_id
        and edited.definition_number = originals.definition_number
        and originals.version_number = 1
where
    edited.version_number > 1
    and edited.definition_text <> originals.definition_text
