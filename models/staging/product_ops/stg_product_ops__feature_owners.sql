-- One row per feature and start of an ownership, as known when it began: editing the past moves no credit.
with

versions as (

    select * from {{ ref('stg_product_ops__feature_owner_versions') }}

),

-- A hand-over may be planned and changed until it begins; from then on the version that stood binds.
numbered_versions as (

    select
        feature_id,
        person_id,
        squad_id,
        stated_from_at,
        row_number() over (
            partition by feature_id, stated_from_at
            order by
                case when first_seen_at <= stated_from_at then 0 else 1 end,
                case when first_seen_at <= stated_from_at then first_seen_at end desc,
                first_seen_at,
                version_hash asc
        ) as place,
        first_value(previous_extract_at) over (
            partition by feature_id, stated_from_at order by first_seen_at, version_hash
        ) as absent_until_at,
        min(first_seen_at) over (partition by feature_id, stated_from_at) as row_first_seen_at,
        min(first_seen_at) over (partition by feature_id) as feature_first_seen_at,
        max(last_seen_at) over (partition by feature_id, stated_from_at) as row_last_seen_at,
        max(case when is_current then 1 else 0 end) over (partition by feature_id, stated_from_at) = 1 as is_still_there

    from versions

),

-- A row slipped in behind another one holds from the last extract that proves it was not there.
spans as (

    select
        feature_id,
        person_id,
        squad_id,
        stated_from_at,
        case
            when row_first_seen_at > feature_first_seen_at
                then greatest(stated_from_at, coalesce(absent_until_at, stated_from_at))
            else stated_from_at
        end as valid_from_at

    from numbered_versions
    where
        place = 1
        and (is_still_there or row_last_seen_at >= stated_from_at)

)

select
    spans.feature_id,
    spans.person_id,
    spans.squad_id,
    spans.valid_from_at

from spans
left join spans as later_spans
    on
        spans.feature_id = later_spans.feature_id
        and spans.stated_from_at < later_spans.stated_from_at
        and spans.valid_from_at >= later_spans.stated_from_at
where later_spans.feature_id is null
