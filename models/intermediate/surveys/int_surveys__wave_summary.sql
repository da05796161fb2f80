-- One row per wave: how many could be asked, were asked, were reached and were scored, and the three classes.
with

waves as (

    select * from {{ ref('int_surveys__waves') }}

),

strata as (

    select
        wave_id,
        sum(frame_count) as frame_count,
        sum(sampled_count) as sampled_count,
        sum(promoter_count) as promoter_count,
        sum(passive_count) as passive_count,
        sum(detractor_count) as detractor_count

    from {{ ref('int_surveys__stratum_summary') }}
    group by wave_id

),

contacts as (

    select
        wave_id,
        count(distinct user_id) as invited_count,
        count(distinct case when sent_at is not null and bounced_at is null then user_id end) as contacted_count

    from {{ ref('fct_survey_invitations') }}
    group by wave_id

),

answers as (

    select
        wave_id,
        count(*) as answer_count,
        max(case when is_scored then answered_on end) as last_answered_on

    from {{ ref('fct_survey_responses') }}
    group by wave_id

)

select
    waves.wave_id,
    waves.drawn_on,
    waves.has_frame,
    coalesce(answers.last_answered_on, waves.drawn_on) as last_answered_on,
    case when waves.has_frame then cast(strata.frame_count as bigint) end as frame_count,
    case when waves.has_frame then cast(strata.sampled_count as bigint) end as sampled_count,
    coalesce(contacts.invited_count, 0) as invited_count,
    coalesce(contacts.contacted_count, 0) as contacted_count,
    coalesce(answers.answer_count, 0) as answer_count,
    cast(coalesce(strata.promoter_count + strata.passive_count + strata.detractor_count, 0) as bigint) as scored_count,
    cast(coalesce(strata.promoter_count, 0) as bigint) as promoter_count,
    cast(coalesce(strata.passive_count, 0) as bigint) as passive_count,
    cast(coalesce(strata.detractor_count, 0) as bigint) as detractor_count

from waves
left join strata on waves.wave_id = strata.wave_id
left join contacts on waves.wave_id = contacts.wave_id
left join answers on waves.wave_id = answers.wave_id
