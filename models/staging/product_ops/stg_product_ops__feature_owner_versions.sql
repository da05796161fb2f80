-- One row per feature, start of an ownership and landed version of it.
with

versions as (

    {{ known_versions('product_ops', 'feature_owner') }}

)

select
    feature_id,
    lower({{ trimmed('pm_email') }}) as person_id,
    squad as squad_id,
    {{ utc_timestamp('valid_from', 'product_ops') }} as stated_from_at,
    first_seen_at,
    last_seen_at,
    previous_extract_at,
    is_current,
    _row_hash as version_hash,
    _source_file as source_file,
    _source_row as source_row

from versions
