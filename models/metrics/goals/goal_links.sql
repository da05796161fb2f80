-- One row per lead goal and goal it should move: whether changes of the one were followed by changes of the other.
with

causal_links as (

    select * from {{ ref('causal_links') }}

),

goals as (

    select * from {{ ref('goals') }}

),

metric_values as (

    select * from {{ ref('metric_values') }}
    where org_level = 'company' and value is not null

),

headline_conditions as (

    select * from {{ ref('goal_conditions') }}
    where condition_number = 1

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

dated_values as (

    select
        goals.goal_id,
        {{ quarter_start('metric_values.period_start') }} as quarter_start,
        metric_values.value,
        row_number() over (
            partition by goals.goal_id, {{ quarter_start('metric_values.period_start') }}
            order by metric_values.period_start desc, metric_values.period_end desc
        ) as recency

    from goals
    inner join headline_conditions on goals.goal_id = headline_conditions.goal_id
    inner join
        metric_values
        on
            headline_conditions.metric_id = metric_values.metric_id
            and headline_conditions.reading = metric_values.reading
            and goals.period_kind = metric_values.period_kind
    cross join build_clock
    where metric_values.period_end <= build_clock.as_of_on

),

-- The last value of each quarter that is over; levels that both drift would look related whatever they do.
quarterly_changes as (

    select
        goal_id,
        quarter_start,
        value - lag(value) over (partition by goal_id order by quarter_start) as change

    from dated_values
    cross join build_clock
    where recency = 1 and {{ next_quarter_start('quarter_start') }} <= build_clock.as_of_on

),

dated_links as (

    select
        causal_links.*,
        cast(round(causal_links.lag_days / 91.0) as {{ dbt.type_bigint() }}) as lag_quarters,
        case when causal_links.expected_sign = 'negative' then -1 else 1 end as sign

    from causal_links

),

paired_changes as (

    select
        dated_links.lead_goal_id,
        dated_links.lag_goal_id,
        dated_links.sign,
        leads.change as lead_change,
        lags.change as lag_change

    from dated_links
    inner join quarterly_changes as leads on dated_links.lead_goal_id = leads.goal_id
    inner join
        quarterly_changes as lags
        on
            dated_links.lag_goal_id = lags.goal_id
            -- Quarters have 90 to 92 days.
            and round({{ days_between('leads.quarter_start', 'lags.quarter_start') }} / 91.0) = dated_links.lag_quarters
    where leads.change is not null and lags.change is not null

),

associations as (

    select
        lead_goal_id,
        lag_goal_id,
        count(*) as n_quarters,
        {{ float64('corr(lead_change, lag_change)') }} as association,
        count(case when sign * lead_change * lag_change > 0 then 1 end) as supports

    from paired_changes
    group by lead_goal_id, lag_goal_id

),

-- Fisher's z; with three pairs or fewer there is no interval, and a perfect line of a few points is no proof.
limits as (

    select
        *,
        case
            when n_quarters > 3 and abs(association) < 1
                then 0.5 * ln((1 + association) / (1 - association))
        end as z,
        case when n_quarters > 3 then 1.959963984540054 / sqrt(n_quarters - 3) end as half_width

    from associations

),

intervals as (

    select
        dated_links.*,
        coalesce(limits.n_quarters, 0) as n_quarters,
        limits.association,
        (exp(2 * (limits.z - limits.half_width)) - 1) / (exp(2 * (limits.z - limits.half_width)) + 1) as association_low,
        (exp(2 * (limits.z + limits.half_width)) - 1) / (exp(2 * (limits.z + limits.half_width)) + 1) as association_high,
        coalesce(limits.supports, 0) as supports

    from dated_links
    left join limits on dated_links.lead_goal_id = limits.lead_goal_id and dated_links.lag_goal_id = limits.lag_goal_id

)

select
    lead_goal_id as goal_id,
    lag_goal_id as leads_to_goal_id,
    mechanism,
    expected_sign,
    lag_quarters,
    evidence_grade,
    n_quarters,
    association,
    association_low,
    association_high,
    supports,
    case
        when association_low is null then 'untested'
        when sign * association_low > 0 and sign * association_high > 0 then 'supported'
        when sign * association_low < 0 and sign * association_high < 0 then 'contradicted'
        else 'undecided'
    end as verdict

from intervals
