-- One row per invitation or reminder, with what became of it.
with

invitations as (

    select * from {{ ref('int_surveys__invitations') }}

),

responses as (

    select * from {{ ref('int_surveys__judged_responses') }}

),

-- A tool that does not say which invitation was answered has the user's first one answered.
first_invitations as (

    select
        wave_id,
        user_id,
        invitation_id,
        row_number() over (partition by wave_id, user_id order by is_reminder, sent_at, invitation_id) as sending

    from invitations

),

answered_invitations as (

    select
        coalesce(responses.invitation_id, first_invitations.invitation_id) as invitation_id,
        min(responses.answered_at) as answered_at

    from responses
    left join
        first_invitations
        on
            responses.wave_id = first_invitations.wave_id
            and responses.user_id = first_invitations.user_id
            and first_invitations.sending = 1
    where coalesce(responses.exclusion_reason, '') <> 'partial'
    group by coalesce(responses.invitation_id, first_invitations.invitation_id)

)

select
    invitations.invitation_id,
    invitations.survey_id,
    invitations.wave_id,
    invitations.user_id,
    invitations.account_id,
    invitations.channel,
    invitations.is_reminder,
    invitations.parent_invitation_id,
    invitations.sent_at,
    {{ org_date('invitations.sent_at') }} as sent_on,
    invitations.seen_at,
    invitations.dismissed_at,
    invitations.bounced_at,
    invitations.unsubscribed_at,
    answered_invitations.answered_at,
    case
        when answered_invitations.invitation_id is not null then 'answered'
        when invitations.bounced_at is not null then 'bounced'
        when invitations.unsubscribed_at is not null then 'unsubscribed'
        when invitations.dismissed_at is not null then 'dismissed'
        when invitations.seen_at is not null then 'seen'
        when invitations.sent_at is not null then 'unseen'
        else 'not_sent'
    end as fate

from invitations
left join answered_invitations on invitations.invitation_id = answered_invitations.invitation_id
