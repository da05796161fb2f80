-- One row per scored answer, with the person's answer before it and what had become of the account's pains by then.
with

answers as (

    select
        fct.wave_id,
        fct.user_id,
        fct.account_id,
        coalesce(fct.stratum, '(none)') as stratum,
        coalesce(fct.channel, '(none)') as channel,
        fct.nps_class,
        fct.answered_on,
        waves.previous_wave_id as wave_before,
        lag(fct.wave_id) over (partition by fct.user_id order by waves.drawn_at, fct.wave_id) as previous_wave_id,
        lag(coalesce(fct.stratum, '(none)')) over (partition by fct.user_id order by waves.drawn_at, fct.wave_id)
            as previous_stratum,
        lag(fct.nps_class) over (partition by fct.user_id order by waves.drawn_at, fct.wave_id) as previous_nps_class

    from {{ ref('fct_survey_responses') }} as fct
    inner join {{ ref('int_surveys__waves') }} as waves on fct.wave_id = waves.wave_id
    where fct.is_scored

),

customers as (

    select
        relationships.note_id,
        case when relationships.target_type = 'company' then coalesce(companies.source_record_id, companies.company_id) end
            as account_id,
        case when relationships.target_type = 'user' then {{ hashed_if_email('relationships.target_id') }} end as user_id

    from {{ ref('stg_productboard__note_relationships') }} as relationships
    left join {{ ref('stg_productboard__companies') }} as companies on relationships.target_id = companies.company_id
    where relationships.relationship_type = 'customer'

),

insights as (

    select
        insight_id,
        started_on,
        resolved_on,
        cycle_days

    from {{ ref('fct_insights') }}
    where state in ('resolved', 'open')

),

-- Of the account's, or the person's own: a note can name both.
pains as (

    select
        customers.account_id,
        cast(null as {{ dbt.type_string() }}) as user_id,
        insights.*
    from customers
    inner join insights on customers.note_id = insights.insight_id
    where customers.account_id is not null

    union all

    select
        cast(null as {{ dbt.type_string() }}) as account_id,
        customers.user_id,
        insights.*
    from customers
    inner join insights on customers.note_id = insights.insight_id
    where customers.user_id is not null

),

answered_pains as (

    select
        answers.wave_id,
        answers.user_id,
        answers.answered_on,
        pains.resolved_on,
        pains.cycle_days
    from answers
    inner join pains on answers.account_id = pains.account_id
    where pains.started_on <= answers.answered_on

    union all

    select
        answers.wave_id,
        answers.user_id,
        answers.answered_on,
        pains.resolved_on,
        pains.cycle_days
    from answers
    inner join pains on answers.user_id = pains.user_id
    where pains.started_on <= answers.answered_on

),

fates as (

    select
        wave_id,
        user_id,
        max(case when resolved_on is null or resolved_on > answered_on then 1 else 0 end) = 1 as has_open_pain,
        max(cycle_days) as slowest_days

    from answered_pains
    group by wave_id, user_id

)

select
    answers.*,
    -- A person's worst pain speaks for the person.
    case
        when fates.user_id is null then 'no_pain'
        when fates.has_open_pain then 'still_open'
        when fates.slowest_days <= 42 then 'within_42_days'
        when fates.slowest_days <= 45 then 'within_43_to_45_days'
        else 'later'
    end as pain_resolution

from answers
left join fates on answers.wave_id = fates.wave_id and answers.user_id = fates.user_id
