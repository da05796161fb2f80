-- One row per change of a feature's stage that consecutive extracts show: not yet so at lower_at, so at upper_at.
with

feature_versions as (

    select * from {{ ref('stg_productboard__feature_versions') }}

),

statuses as (

    select * from {{ ref('status_stage_map') }}

),

staged_feature_versions as (

    select
        feature_versions.feature_id,
        statuses.stage,
        feature_versions.created_at,
        feature_versions.updated_at,
        feature_versions.first_seen_at,
        feature_versions.previous_extract_at,
        lag(statuses.stage) over (
            partition by feature_versions.feature_id order by feature_versions.first_seen_at
        ) as previous_stage,
        lag(feature_versions.last_seen_at) over (
            partition by feature_versions.feature_id order by feature_versions.first_seen_at
        ) as previous_stage_seen_at,
        row_number() over (
            partition by feature_versions.feature_id order by feature_versions.first_seen_at
        ) as span_number

    from feature_versions
    inner join statuses on feature_versions.status_id = statuses.status_id

),

status_changes as (

    select
        'status' as change,
        'start' as side,
        'feature' as entity_type,
        feature_id as entity_id,
        stage as subject_id,
        span_number,
        coalesce(previous_stage_seen_at, previous_extract_at) as not_yet_at,
        first_seen_at as upper_at,
        created_at,
        updated_at

    from staged_feature_versions
    where
        previous_stage is null
        or stage <> previous_stage

)

{{ bounded_changes('status_changes') }}
