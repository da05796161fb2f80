-- One row per answer, with the first rule that keeps it out of the score; the user's latest is not chosen yet.
with

responses as (

    select * from {{ ref('stg_survey__responses') }}

),

waves as (

    select * from {{ ref('int_surveys__waves') }}

),

frame as (

    select * from {{ ref('stg_survey__sampling_frame') }}

),

dated_responses as (

    select
        *,
        coalesce(submitted_at, updated_at, started_at) as answered_at

    from responses

)

select
    dated_responses.response_id,
    dated_responses.survey_id,
    dated_responses.wave_id,
    dated_responses.invitation_id,
    dated_responses.user_id,
    dated_responses.account_id,
    dated_responses.channel,
    dated_responses.score,
    dated_responses.comment,
    dated_responses.answered_at,
    dated_responses.updated_at,
    frame.stratum,
    coalesce(frame.is_sampled, false) as is_sampled,
    case
        when dated_responses.is_test then 'test'
        when not dated_responses.is_complete then 'partial'
        when dated_responses.is_excluded then 'excluded'
        when dated_responses.score is null then 'not_a_score'
        when dated_responses.answered_at is null then 'undated'
        when waves.has_frame and not coalesce(frame.is_sampled, false) then 'not_sampled'
        when dated_responses.answered_at >= waves.next_drawn_at then 'late'
    end as exclusion_reason

from dated_responses
left join waves on dated_responses.wave_id = waves.wave_id
left join frame on dated_responses.wave_id = frame.wave_id and dated_responses.user_id = frame.user_id
