-- One row per NPS reading and answer, and per response rate and user drawn: what it adds, or why nothing.
{{ config(materialized='ephemeral') }}
with

waves as (

    select
        wave_id,
        drawn_on,
        -- Of waves drawn on one day the last stands for it.
        row_number() over (partition by drawn_on order by wave_id desc) = 1 as is_standing

    from {{ ref('int_surveys__waves') }}

),

answers as (

    select
        answers.response_id,
        waves.drawn_on,
        answers.score,
        answers.answered_on,
        case
            when answers.exclusion_reason is not null then answers.exclusion_reason
            when not waves.is_standing then 'other_wave_that_day'
        end as reason,
        case answers.nps_class when 'promoter' then 1 when 'detractor' then -1 else 0 end as balance

    from {{ ref('fct_survey_responses') }} as answers
    inner join waves on answers.wave_id = waves.wave_id

),

drawn_users as (

    select distinct
        frame.wave_id,
        coalesce(frame.stratum, '(none)') as stratum,
        frame.user_id,
        waves.drawn_on,
        case when not waves.is_standing then 'other_wave_that_day' end as reason

    from {{ ref('stg_survey__sampling_frame') }} as frame
    inner join waves on frame.wave_id = waves.wave_id
    where frame.is_sampled

),

evidence as (

    select
        'post_stratified' as reading,
        'survey_response' as row_kind,
        response_id as row_id,
        drawn_on,
        reason,
        cast(null as integer) as numerator,
        cast(null as integer) as denominator,
        1 as n,
        score as amount,
        answered_on as event_on

    from answers

    union all

    select
        'unweighted' as reading,
        'survey_response' as row_kind,
        response_id as row_id,
        drawn_on,
        reason,
        balance as numerator,
        1 as denominator,
        1 as n,
        score as amount,
        answered_on as event_on

    from answers

    union all

    select
        'response_rate' as reading,
        'survey_response' as row_kind,
        response_id as row_id,
        drawn_on,
        reason,
        1 as numerator,
        0 as denominator,
        0 as n,
        null as amount,
        answered_on as event_on

    from answers

    union all

    select
        'response_rate' as reading,
        'sampled_user' as row_kind,
        wave_id || '|' || user_id as row_id,
        drawn_on,
        reason,
        0 as numerator,
        1 as denominator,
        1 as n,
        null as amount,
        drawn_on as event_on

    from drawn_users

)

select
    'nps' as metric_id,
    reading,
    'company' as org_level,
    cast(null as {{ dbt.type_string() }}) as squad_id,
    cast(null as {{ dbt.type_string() }}) as person_id,
    'wave' as period_kind,
    drawn_on as first_period_start,
    drawn_on as last_period_start,
    row_kind,
    row_id,
    reason,
    numerator,
    denominator,
    n,
    amount,
    event_on

from evidence
