-- One row per poll answer.
with

poll_events as (

    {{ known_rows('pendo', 'poll_event') }}

)

select
    {{ hashed_if_email('visitor_id') }} as user_id,
    account_id,
    guide_id,
    poll_id,
    guide_step_id,
    {{ utc_timestamp('timestamp', 'pendo') }} as answered_at,
    {{ survey_score('poll_response') }} as score,
    {{ free_text('poll_response') }} as response_text,
    coalesce({{ trimmed('poll_response') }}, '') <> '' as has_response,
    _source_file as source_file,
    _source_row as source_row

from poll_events
