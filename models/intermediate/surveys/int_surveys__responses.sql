-- One row per answer: those of the survey tool, and in-app answers that it does not hold.
with

tool_responses as (

    select
        *,
        coalesce(submitted_at, updated_at, started_at) as answered_at

    from {{ ref('stg_survey__responses') }}

),

poll_events as (

    -- Ids that differ in blanks alone are one visitor's, and so are their events.
    select distinct
        user_id,
        account_id,
        guide_id,
        poll_id,
        answered_at,
        score,
        response_text

    from {{ ref('stg_pendo__poll_events') }}

),

guides as (

    select * from {{ ref('survey_guides') }}

),

-- One poll can stand in several guides.
polls as (

    select
        poll_id,
        max(case when poll_kind = 'score' then 1 else 0 end) = 1 as is_score,
        max(case when poll_kind = 'comment' then 1 else 0 end) = 1 as is_comment

    from {{ ref('stg_pendo__polls') }}
    group by poll_id

),

-- The tool may let a comment wait for a second or an hour; it is the same visitor's, in the same guide.
ranked_comments as (

    select
        answers.poll_id,
        answers.guide_id,
        answers.user_id,
        answers.answered_at,
        comments.response_text,
        row_number() over (
            partition by answers.poll_id, answers.guide_id, answers.user_id, answers.answered_at
            order by comments.answered_at, comments.poll_id, comments.response_text
        ) as nearness

    from poll_events as answers
    inner join poll_events as comments
        on
            answers.user_id = comments.user_id
            and answers.guide_id = comments.guide_id
            and comments.response_text is not null
            and {{ seconds_between('answers.answered_at', 'comments.answered_at') }} between 0 and 86400
    inner join polls on comments.poll_id = polls.poll_id and polls.is_comment

),

poll_answers as (

    select
        'pendo-' || md5(
            poll_events.guide_id || '|' || poll_events.poll_id || '|' || poll_events.user_id || '|'
            || coalesce(poll_events.account_id, '') || '|'
            || cast(poll_events.answered_at as {{ dbt.type_string() }})
        ) as response_id,
        poll_events.guide_id as survey_id,
        coalesce(
            guides.wave_id, {{ fiscal_quarter_name(quarter_start(org_date('poll_events.answered_at'))) }}
        ) as wave_id,
        poll_events.user_id,
        poll_events.account_id,
        poll_events.score,
        ranked_comments.response_text as comment,
        poll_events.answered_at,
        polls.poll_id is not null as is_known_poll

    from poll_events
    left join polls on poll_events.poll_id = polls.poll_id
    left join guides on poll_events.guide_id = guides.guide_id
    left join ranked_comments
        on
            poll_events.poll_id = ranked_comments.poll_id
            and poll_events.guide_id = ranked_comments.guide_id
            and poll_events.user_id = ranked_comments.user_id
            and poll_events.answered_at = ranked_comments.answered_at
            and ranked_comments.nearness = 1
    where coalesce(polls.is_score, true)

)

select
    response_id,
    survey_id,
    wave_id,
    invitation_id,
    user_id,
    account_id,
    channel,
    score,
    comment,
    started_at,
    submitted_at,
    updated_at,
    answered_at,
    is_complete,
    is_test,
    is_excluded,
    true as is_known_poll

from tool_responses

union all

select
    response_id,
    survey_id,
    wave_id,
    cast(null as {{ dbt.type_string() }}) as invitation_id,
    user_id,
    account_id,
    'in-app' as channel,
    score,
    comment,
    cast(null as timestamp) as started_at,
    answered_at as submitted_at,
    answered_at as updated_at,
    answered_at,
    true as is_complete,
    false as is_test,
    false as is_excluded,
    is_known_poll

from poll_answers
-- A user's like answer within a day is the same answer, and of two like ones only one would count anyhow.
where
    not exists (
        select 1
        from tool_responses
        where
            tool_responses.user_id = poll_answers.user_id
            and coalesce(tool_responses.score, -1) = coalesce(poll_answers.score, -1)
            and {{ seconds_between('tool_responses.answered_at', 'poll_answers.answered_at') }} between -86400 and 86400
    )
