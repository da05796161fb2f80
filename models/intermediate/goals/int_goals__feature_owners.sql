-- One row per feature and span of ownership, half-open [owned_from, owned_until).
with

owners as (

    select * from {{ ref('stg_product_ops__feature_owners') }}

),

spans as (

    select
        feature_id,
        person_id,
        squad_id,
        valid_from_at as owned_from_at,
        lead(valid_from_at) over (partition by feature_id order by valid_from_at) as owned_until_at

    from owners

)

select
    feature_id,
    person_id,
    squad_id,
    owned_from_at,
    owned_until_at,
    {{ org_date('owned_from_at') }} as owned_from_on,
    {{ org_date('owned_until_at') }} as owned_until_on

from spans
