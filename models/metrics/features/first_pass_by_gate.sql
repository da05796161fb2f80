-- One row per stage: how often a feature passes its gate at the first attempt.
with

reviews as (

    select * from {{ ref('fct_gate_reviews') }}
    where stage is not null

)

select
    stage,
    cast(max(stage_position) as {{ dbt.type_bigint() }}) as stage_position,
    cast(sum(case when is_first_pass then 1 else 0 end) as {{ dbt.type_bigint() }}) as first_pass_count,
    cast(count(distinct feature_id) as {{ dbt.type_bigint() }}) as reviewed_count,
    {{ float64('sum(case when is_first_pass then 1 else 0 end)') }} / count(distinct feature_id) as first_pass_rate

from reviews
group by stage
