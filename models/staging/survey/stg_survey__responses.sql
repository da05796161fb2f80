-- One row per answer, scored or not.
with

responses as (

    {{ known_rows('survey', 'survey_responses') }}

)

select
    response_id,
    survey_id,
    wave_id,
    invitation_id,
    {{ hashed_if_email('respondent_id') }} as user_id,
    account_id,
    lower({{ trimmed('channel') }}) as channel,
    {{ survey_score('score_raw') }} as score,
    {{ free_text('comment') }} as comment,
    {{ utc_timestamp('started_at', 'survey') }} as started_at,
    {{ utc_timestamp('submitted_at', 'survey') }} as submitted_at,
    {{ utc_timestamp('updated_at', 'survey') }} as updated_at,
    coalesce(is_complete, submitted_at is not null) as is_complete,
    coalesce(is_test, false) as is_test,
    coalesce(excluded_from_calculations, false) as is_excluded,
    _source_file as source_file,
    _source_row as source_row

from responses
