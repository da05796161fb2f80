-- The company's quarters hold each shipped feature once, for both scores.
with

counts as (

    select count(*) as feature_count
    from {{ ref('fct_features') }}
    where exclusion_reason is null

),

ddqs_counts as (

    select coalesce(sum(shipped_count), 0) as feature_count
    from {{ ref('ddqs_by_quarter') }}
    where org_level = 'company'

),

ploar_counts as (

    select coalesce(sum(shipped_count), 0) as feature_count
    from {{ ref('ploar_by_quarter') }}
    where org_level = 'company'

)

select
    counts.feature_count,
    ddqs_counts.feature_count as ddqs_feature_count,
    ploar_counts.feature_count as ploar_feature_count

from counts
cross join ddqs_counts
cross join ploar_counts
where
    counts.feature_count <> ddqs_counts.feature_count
    or counts.feature_count <> ploar_counts.feature_count
