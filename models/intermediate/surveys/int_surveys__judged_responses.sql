-- One row per answer, with the first rule that keeps it out of the score; the user's latest is not chosen yet.
with

responses as (

    select * from {{ ref('int_surveys__responses') }}

),

waves as (

    select * from {{ ref('int_surveys__waves') }}

),

frame as (

    select * from {{ ref('stg_survey__sampling_frame') }}

)

select
    responses.response_id,
    responses.survey_id,
    responses.wave_id,
    responses.invitation_id,
    responses.user_id,
    responses.account_id,
    responses.channel,
    responses.score,
    responses.comment,
    responses.answered_at,
    responses.updated_at,
    frame.stratum,
    coalesce(frame.is_sampled, false) as is_sampled,
    case
        when responses.is_test then 'test'
        when not responses.is_complete then 'partial'
        when responses.is_excluded then 'excluded'
        when not responses.is_known_poll then 'unknown_poll'
        when responses.score is null then 'not_a_score'
        when responses.answered_at is null then 'undated'
        when waves.has_frame and not coalesce(frame.is_sampled, false) then 'not_sampled'
        when responses.answered_at >= waves.next_drawn_at then 'late'
    end as exclusion_reason

from responses
left join waves on responses.wave_id = waves.wave_id
left join frame on responses.wave_id = frame.wave_id and responses.user_id = frame.user_id
