-- One row per feature and start of an ownership.
with

owners as (

    {{ known_rows('product_ops', 'feature_owner') }}

)

select
    feature_id,
    lower(trim(pm_email)) as person_id,
    squad as squad_id,
    {{ utc_timestamp('valid_from', 'product_ops') }} as valid_from_at

from owners
