-- One row per wave and user who was active in the 30 days before the draw.
with

frame as (

    {{ known_rows('survey', 'sampling_frame') }}

)

select
    wave_id,
    {{ utc_timestamp('drawn_at', 'survey') }} as drawn_at,
    {{ hashed_if_email('user_id') }} as user_id,
    account_id,
    tenure_days,
    active_days_30,
    stratum,
    coalesce(is_sampled, false) as is_sampled,
    seed,
    _source_file as source_file,
    _source_row as source_row

from frame
