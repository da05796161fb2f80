-- One row per hit of a rule about what follows Define: KPIs, their measurement, outcome reviews.
with

ships as (

    select * from {{ ref('int_features__ships') }}

),

definitions as (

    select
        *,
        lag(target_value) over (partition by feature_id, kpi_id order by definition_number) as previous_target_value,
        lag(window_days) over (partition by feature_id, kpi_id order by definition_number) as previous_window_days,
        lag(is_higher_better) over (partition by feature_id, kpi_id order by definition_number) as was_higher_better,
        lag(kpi_role) over (partition by feature_id, kpi_id order by definition_number) as previous_kpi_role

    from {{ ref('int_features__kpi_definitions') }}

),

definition_versions as (

    select * from {{ ref('stg_product_ops__feature_kpi_definition_versions') }}

),

outcome_reviews as (

    select * from {{ ref('stg_product_ops__outcome_reviews') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

thresholds as (

    select * from {{ ref('feature_thresholds') }}

),

first_define_passes as (

    select
        feature_id,
        min(decided_at) as passed_at

    from {{ ref('int_features__gate_decisions') }}
    where
        stage = 'define'
        and is_pass
    group by feature_id

),

changes as (

    select
        feature_id,
        kpi_id,
        cast(definition_number as {{ dbt.type_string() }}) as change_id,
        effective_at as changed_at,
        previous_target_value,
        previous_window_days,
        target_value,
        window_days,
        change_reason

    from definitions
    where
        definition_number > 1
        and (
            coalesce(
                target_value <> previous_target_value,
                target_value is not null or previous_target_value is not null
            )
            or window_days <> previous_window_days
            or is_higher_better <> was_higher_better
            or kpi_role <> previous_kpi_role
        )
    -- The same row written over: no reason can stand beside it.
    union all
    select
        edited.feature_id,
        edited.kpi_id,
        cast(edited.defined_at as {{ dbt.type_string() }})
        || ' edited ' || cast(edited.version_number as {{ dbt.type_string() }}) as change_id,
        coalesce(edited.previous_extract_at, edited.first_seen_at) as changed_at,
        originals.target_value as previous_target_value,
        originals.window_days as previous_window_days,
        edited.target_value,
        edited.window_days,
        cast(null as {{ dbt.type_string() }}) as change_reason

    from definition_versions as edited
    inner join definition_versions as originals
        on
            edited.feature_id = originals.feature_id
            and edited.kpi_id = originals.kpi_id
            and edited.defined_at = originals.defined_at
            and originals.version_number = 1
    where
        edited.version_number > 1
        and (
            coalesce(
                edited.target_value <> originals.target_value,
                edited.target_value is not null or originals.target_value is not null
            )
            or edited.window_days <> originals.window_days
            or edited.direction <> originals.direction
            or edited.kpi_role <> originals.kpi_role
        )

),

due_reviews as (

    select
        ships.feature_id,
        windows.window_days,
        {{ days_after('ships.shipped_on', 'windows.window_days + thresholds.review_grace_days') }} as missing_from_on,
        -- Where the launch is only known between two extracts the earliest day it can be closes the window.
        {{ days_after('ships.shipped_lower_on', 'windows.window_days') }} as window_closes_on

    from ships
    cross join {{ ref('outcome_review_windows') }} as windows
    cross join thresholds

),

held_reviews as (

    select
        due_reviews.feature_id,
        due_reviews.window_days,
        due_reviews.missing_from_on,
        due_reviews.window_closes_on,
        max(outcome_reviews.held_at) as last_held_at,
        min(outcome_reviews.held_at) as first_held_at

    from due_reviews
    left join outcome_reviews
        on
            due_reviews.feature_id = outcome_reviews.feature_id
            and due_reviews.window_days = outcome_reviews.window_days
    group by due_reviews.feature_id, due_reviews.window_days, due_reviews.missing_from_on, due_reviews.window_closes_on

)

select
    'instrumentation_not_verified' as rule_id,
    'kpi' as entity_type,
    definitions.feature_id || '/' || definitions.kpi_id as entity_id,
    definitions.feature_id,
    ships.shipped_at as happened_at,
    definitions.kpi_name || case
        when instrumentation.verified_at is null then ' was never verified'
        else ' was verified on ' || cast({{ org_date('instrumentation.verified_at') }} as {{ dbt.type_string() }})
    end as evidence

from definitions
inner join ships on definitions.feature_id = ships.feature_id
left join {{ ref('stg_product_ops__feature_instrumentation') }} as instrumentation
    on
        definitions.feature_id = instrumentation.feature_id
        and definitions.kpi_id = instrumentation.kpi_id
where
    definitions.effective_at <= ships.shipped_at
    and (definitions.replaced_at > ships.shipped_at or definitions.replaced_at is null)
    and (instrumentation.verified_at > ships.shipped_at or instrumentation.verified_at is null)
union all
select
    'outcome_review_missing' as rule_id,
    'outcome_review' as entity_type,
    held_reviews.feature_id || '/' || cast(held_reviews.window_days as {{ dbt.type_string() }}) as entity_id,
    held_reviews.feature_id,
    {{ utc_timestamp('cast(held_reviews.missing_from_on as ' ~ dbt.type_string() ~ ')') }} as happened_at,
    'no review of day ' || cast(held_reviews.window_days as {{ dbt.type_string() }}) as evidence

from held_reviews
cross join build_clock
where
    held_reviews.first_held_at is null
    and held_reviews.missing_from_on <= build_clock.as_of_on
union all
select
    'outcome_review_early' as rule_id,
    'outcome_review' as entity_type,
    feature_id || '/' || cast(window_days as {{ dbt.type_string() }}) as entity_id,
    feature_id,
    first_held_at as happened_at,
    'review of day ' || cast(window_days as {{ dbt.type_string() }})
    || ' held on ' || cast({{ org_date('first_held_at') }} as {{ dbt.type_string() }})
    || ', window closed on ' || cast(window_closes_on as {{ dbt.type_string() }}) as evidence

from held_reviews
where {{ org_date('last_held_at') }} < window_closes_on
union all
select
    'kpi_target_changed_without_reason' as rule_id,
    'kpi_change' as entity_type,
    changes.feature_id || '/' || changes.kpi_id || '/' || changes.change_id as entity_id,
    changes.feature_id,
    changes.changed_at as happened_at,
    'target ' || coalesce({{ number_text('changes.previous_target_value') }}, 'none')
    || ' after ' || cast(changes.previous_window_days as {{ dbt.type_string() }}) || ' days became '
    || coalesce({{ number_text('changes.target_value') }}, 'none')
    || ' after ' || cast(changes.window_days as {{ dbt.type_string() }}) || ' days' as evidence

from changes
inner join first_define_passes on changes.feature_id = first_define_passes.feature_id
left join ships on changes.feature_id = ships.feature_id
where
    changes.changed_at > first_define_passes.passed_at
    and (changes.changed_at <= ships.shipped_at or ships.shipped_at is null)
    and coalesce({{ trimmed('changes.change_reason') }}, '') = ''
union all
select
    'kpi_target_changed_after_launch' as rule_id,
    'kpi_change' as entity_type,
    changes.feature_id || '/' || changes.kpi_id || '/' || changes.change_id as entity_id,
    changes.feature_id,
    changes.changed_at as happened_at,
    'target ' || coalesce({{ number_text('changes.previous_target_value') }}, 'none')
    || ' after ' || cast(changes.previous_window_days as {{ dbt.type_string() }}) || ' days became '
    || coalesce({{ number_text('changes.target_value') }}, 'none')
    || ' after ' || cast(changes.window_days as {{ dbt.type_string() }}) || ' days' as evidence

from changes
inner join ships on changes.feature_id = ships.feature_id
where changes.changed_at > ships.shipped_at
