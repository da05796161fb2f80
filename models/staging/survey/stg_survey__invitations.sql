-- One row per invitation or reminder.
with

invitations as (

    {{ known_rows('survey', 'survey_invitations') }}

)

select
    invitation_id,
    survey_id,
    wave_id,
    {{ hashed_if_email('respondent_id') }} as user_id,
    account_id,
    lower({{ trimmed('channel') }}) as channel,
    {{ utc_timestamp('sent_at', 'survey') }} as sent_at,
    {{ utc_timestamp('seen_at', 'survey') }} as seen_at,
    {{ utc_timestamp('dismissed_at', 'survey') }} as dismissed_at,
    {{ utc_timestamp('bounced_at', 'survey') }} as bounced_at,
    {{ utc_timestamp('unsubscribed_at', 'survey') }} as unsubscribed_at,
    coalesce(is_reminder, false) as is_reminder,
    parent_invitation_id

from invitations
