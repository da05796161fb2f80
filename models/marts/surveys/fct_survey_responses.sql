-- One row per answer; exclusion_reason is null for the answers that are scored.
with

judged_responses as (

    select * from {{ ref('int_surveys__judged_responses') }}

),

ranked_responses as (

    select
        *,
        row_number() over (
            partition by wave_id, user_id, case when exclusion_reason is null then 1 else 0 end
            order by answered_at desc, updated_at desc, response_id desc
        ) as recency

    from judged_responses

),

final_reasons as (

    select
        *,
        case
            when exclusion_reason is not null then exclusion_reason
            when recency > 1 then 'duplicate_in_wave'
        end as final_exclusion_reason

    from ranked_responses

)

select
    response_id,
    survey_id,
    wave_id,
    invitation_id,
    user_id,
    account_id,
    stratum,
    channel,
    answered_at,
    {{ org_date('answered_at') }} as answered_on,
    score,
    case
        when score >= 9 then 'promoter'
        when score >= 7 then 'passive'
        when score >= 0 then 'detractor'
    end as nps_class,
    is_sampled,
    final_exclusion_reason is null as is_scored,
    final_exclusion_reason as exclusion_reason,
    comment

from final_reasons
