-- One row per invitation or reminder: those of the survey tool, and in-app guides shown to users it did not invite.
with

tool_invitations as (

    select * from {{ ref('stg_survey__invitations') }}

),

guides as (

    select * from {{ ref('survey_guides') }}

),

score_guides as (

    select guide_id from {{ ref('stg_pendo__polls') }}
    where poll_kind = 'score'
    union
    select guide_id from guides

),

guide_events as (

    select
        events.*,
        coalesce(
            guides.wave_id, {{ fiscal_quarter_name(quarter_start(org_date('events.happened_at'))) }}
        ) as wave_id,
        lower(events.event_type) = 'guidedismissed' as is_dismissal

    from {{ ref('stg_pendo__guide_events') }} as events
    inner join score_guides on events.guide_id = score_guides.guide_id
    left join guides on events.guide_id = guides.guide_id

),

guide_invitations as (

    select
        'pendo-' || md5(guide_id || '|' || wave_id || '|' || user_id) as invitation_id,
        guide_id as survey_id,
        wave_id,
        user_id,
        max(account_id) as account_id,
        min(happened_at) as seen_at,
        min(case when is_dismissal then happened_at end) as dismissed_at

    from guide_events
    group by guide_id, wave_id, user_id

)

select
    invitation_id,
    survey_id,
    wave_id,
    user_id,
    account_id,
    channel,
    sent_at,
    seen_at,
    dismissed_at,
    bounced_at,
    unsubscribed_at,
    is_reminder,
    parent_invitation_id

from tool_invitations

union all

select
    invitation_id,
    survey_id,
    wave_id,
    user_id,
    account_id,
    'in-app' as channel,
    -- A guide is sent in the moment it is shown.
    seen_at as sent_at,
    seen_at,
    dismissed_at,
    cast(null as timestamp) as bounced_at,
    cast(null as timestamp) as unsubscribed_at,
    false as is_reminder,
    cast(null as {{ dbt.type_string() }}) as parent_invitation_id

from guide_invitations
where
    not exists (
        select 1
        from tool_invitations
        where tool_invitations.wave_id = guide_invitations.wave_id and tool_invitations.user_id = guide_invitations.user_id
    )
