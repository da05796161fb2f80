-- One row per feature and stage it has entered, with the days it took or has taken so far.
with

features as (

    select * from {{ ref('dim_features') }}
    where not is_subfeature

),

stages as (

    select * from {{ ref('stages') }}

),

ships as (

    select * from {{ ref('int_features__ships') }}

),

first_ideas as (

    select
        feature_id,
        min(entered_at) as entered_at

    from {{ ref('int_insights__card_stage_entries') }}
    where stage = 'idea'
    group by feature_id

),

first_passes as (

    select
        feature_id,
        stage,
        stage_position,
        min(decided_at) as passed_at

    from {{ ref('int_features__gate_decisions') }}
    where
        is_pass
        and stage is not null
    group by feature_id, stage, stage_position

),

-- Discover opens with the card's first Idea, Measure & Learn with the ship, every other stage with the gate below it.
entries as (

    select
        features.feature_id,
        stages.stage,
        stages.stage_position,
        case
            when stages.stage = 'discover' then first_ideas.entered_at
            when stages.stage = 'measure_learn' then ships.shipped_at
            else passes_below.passed_at
        end as entered_at,
        own_passes.passed_at,
        ships.shipped_at

    from features
    cross join stages
    left join first_ideas on features.feature_id = first_ideas.feature_id
    left join ships on features.feature_id = ships.feature_id
    left join first_passes as passes_below
        on
            features.feature_id = passes_below.feature_id
            and stages.stage_position = passes_below.stage_position + 1
    left join first_passes as own_passes
        on
            features.feature_id = own_passes.feature_id
            and stages.stage = own_passes.stage

),

later_passes as (

    select
        entries.feature_id,
        entries.stage,
        min(first_passes.passed_at) as passed_at

    from entries
    inner join first_passes
        on
            entries.feature_id = first_passes.feature_id
            and entries.stage_position < first_passes.stage_position
    group by entries.feature_id, entries.stage

),

spans as (

    select
        entries.feature_id,
        entries.stage,
        entries.stage_position,
        entries.entered_at,
        case
            when entries.passed_at is not null then entries.passed_at
            when entries.stage = 'measure_learn' then null
            else least(
                coalesce(later_passes.passed_at, entries.shipped_at),
                coalesce(entries.shipped_at, later_passes.passed_at)
            )
        end as left_at,
        case
            when entries.passed_at is not null then 'passed'
            when entries.stage = 'measure_learn' then 'open'
            when later_passes.passed_at is not null or entries.shipped_at is not null then 'skipped'
            else 'open'
        end as ended_by

    from entries
    left join later_passes
        on
            entries.feature_id = later_passes.feature_id
            and entries.stage = later_passes.stage
    where entries.entered_at is not null

),

dated_spans as (

    select
        spans.*,
        {{ org_date('spans.entered_at') }} as entered_on,
        {{ org_date('spans.left_at') }} as left_on,
        build_clock.as_of_on

    from spans
    cross join {{ ref('stg_landing__build_clock') }} as build_clock

)

select
    dated_spans.feature_id,
    dated_spans.stage,
    dated_spans.stage_position,
    dated_spans.entered_at,
    dated_spans.left_at,
    dated_spans.entered_on,
    dated_spans.left_on,
    dated_spans.ended_by,
    owners.person_id,
    owners.squad_id,
    case
        when dated_spans.left_at is null or dated_spans.left_at >= dated_spans.entered_at
            then {{ days_between('dated_spans.entered_on', 'coalesce(dated_spans.left_on, dated_spans.as_of_on)') }}
    end as days_in_stage

from dated_spans
left join {{ ref('int_goals__feature_owners') }} as owners
    on
        dated_spans.feature_id = owners.feature_id
        and dated_spans.entered_at >= owners.owned_from_at
        and (dated_spans.entered_at < owners.owned_until_at or owners.owned_until_at is null)
