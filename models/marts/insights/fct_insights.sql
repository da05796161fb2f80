-- One row per insight: a feedback note that was processed, tagged pain or detractor, and linked to a feature.
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    meta={'stale': "insight_id in {touched_notes} or state = 'open'"},
) }}
with

clocks as (

    select * from {{ ref('int_insights__insight_clocks') }}
    {{ touched_insights_only('note_id') }}

),

states as (

    select * from {{ ref('int_insights__insight_states') }}
    {{ touched_insights_only('note_id') }}

),

resolutions as (

    select * from {{ ref('int_insights__insight_resolutions') }}
    {{ touched_insights_only('note_id') }}

),

entries as (

    select * from {{ ref('int_insights__card_stage_entries') }}

),

owners as (

    select * from {{ ref('int_insights__card_owners') }}

),

notes as (

    select
        note_id,
        min(created_at) as created_at

    from {{ ref('int_insights__note_versions') }}
    {{ touched_insights_only('note_id') }}
    group by note_id

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

settings as (

    select * from {{ ref('circt_settings') }}

),

methods as (

    select * from {{ ref('change_methods') }}

),

insights as (

    select
        clocks.*,
        states.state,
        states.reason,
        states.first_card_feature_id,
        notes.created_at,
        resolutions.card_feature_id as resolved_feature_id,
        resolutions.launched_at as resolved_at,
        resolutions.launched_lower_at as resolved_lower_at,
        resolutions.launched_upper_at as resolved_upper_at,
        resolutions.launch_method as resolved_method,
        resolutions.launched_on as resolved_on,
        resolutions.withdrawn_at,
        case
            when states.state = 'resolved' then resolutions.launched_at
            else build_clock.as_of
        end as owned_at,
        -- A left-censored or excluded insight counts for nobody.
        case
            when states.state = 'resolved' then resolutions.card_feature_id
            when states.state = 'open' then states.first_card_feature_id
        end as owned_feature_id,
        {{ org_date('clocks.processed_at') }} as processed_on,
        {{ org_date('clocks.started_at') }} as started_on,
        {{ org_date('notes.created_at') }} as created_on,
        build_clock.as_of_on,
        settings.target_days

    from clocks
    inner join states on clocks.note_id = states.note_id
    inner join notes on clocks.note_id = notes.note_id
    cross join build_clock
    cross join settings
    left join resolutions
        on
            clocks.note_id = resolutions.note_id
            and states.state = 'resolved'

),

clipped_insights as (

    select
        insights.*,
        ideas.entered_at as idea_at,
        ideas.entered_lower_at as idea_lower_at,
        ideas.entered_upper_at as idea_upper_at,
        ideas.method as idea_method,
        plans.entered_at as planned_at,
        plans.entered_lower_at as planned_lower_at,
        plans.entered_upper_at as planned_upper_at,
        plans.method as planned_method,
        case
            when insights.resolved_on is not null
                then least(greatest(ideas.entered_on, insights.started_on), insights.resolved_on)
        end as idea_clipped_on,
        case
            when insights.resolved_on is not null
                then least(greatest(plans.entered_on, insights.started_on), insights.resolved_on)
        end as planned_clipped_on

    from insights
    left join entries as ideas
        on
            insights.resolved_feature_id = ideas.feature_id
            and ideas.stage = 'idea'
    left join entries as plans
        on
            insights.resolved_feature_id = plans.feature_id
            and plans.stage = 'planned'

)

select
    insights.note_id as insight_id,
    insights.state,
    insights.reason,
    insights.started_on,
    insights.resolved_on,
    {{ days_between('insights.started_on', 'insights.resolved_on') }} as cycle_days,
    {{ seconds_between('insights.started_at', 'insights.resolved_at') }} as cycle_seconds,
    {{ days_between('insights.started_on', 'insights.idea_clipped_on') }} as triage_days,
    {{ days_between('insights.idea_clipped_on', 'insights.planned_clipped_on') }} as validation_days,
    {{ days_between('insights.planned_clipped_on', 'insights.resolved_on') }} as delivery_days,
    {{ days_between('insights.created_on', 'insights.started_on') }} as inbox_wait_days,
    {{ days_between('insights.processed_on', 'insights.resolved_on') }} as processed_cycle_days,
    insights.first_card_feature_id,
    insights.resolved_feature_id,
    owners.person_id,
    owners.squad_id,
    case when insights.state = 'open' then {{ days_between('insights.started_on', 'insights.as_of_on') }} end
        as age_days,
    case when insights.state = 'open' then {{ days_after('insights.started_on', 'insights.target_days + 1') }} end
        as breaks_45_on,
    insights.created_at,
    insights.processed_at,
    insights.processed_lower_at,
    insights.processed_upper_at,
    insights.processed_method,
    insights.tagged_at,
    insights.tagged_lower_at,
    insights.tagged_upper_at,
    insights.tagged_method,
    insights.linked_at,
    insights.linked_lower_at,
    insights.linked_upper_at,
    insights.linked_method,
    insights.started_at,
    insights.started_lower_at,
    insights.started_upper_at,
    insights.started_method,
    insights.idea_at,
    insights.idea_lower_at,
    insights.idea_upper_at,
    insights.idea_method,
    insights.planned_at,
    insights.planned_lower_at,
    insights.planned_upper_at,
    insights.planned_method,
    insights.resolved_at,
    insights.resolved_lower_at,
    insights.resolved_upper_at,
    insights.resolved_method,
    insights.withdrawn_at,
    {{ days_between(org_date('insights.started_lower_at'), org_date('insights.started_upper_at')) }}
    + coalesce({{ days_between(org_date('insights.resolved_lower_at'), org_date('insights.resolved_upper_at')) }}, 0)
        as uncertainty_days,
    case
        when resolved_methods.trust_rank > started_methods.trust_rank then insights.resolved_method
        else insights.started_method
    end as clock_method

from clipped_insights as insights
left join owners
    on
        insights.owned_feature_id = owners.card_feature_id
        and insights.owned_at >= owners.owned_from_at
        and (insights.owned_at < owners.owned_until_at or owners.owned_until_at is null)
left join methods as started_methods on insights.started_method = started_methods.method
left join methods as resolved_methods on insights.resolved_method = resolved_methods.method
