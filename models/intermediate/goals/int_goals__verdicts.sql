-- One row per goal, organisation unit and period: the verdict, from all of the goal's conditions, and its sentence.
with

stated_conditions as (

    select * from {{ ref('int_goals__stated_conditions') }}

),

freshness as (

    select * from {{ ref('int_goals__metric_freshness') }}

),

cards as (

    select * from {{ ref('metric_cards') }}

),

summed_conditions as (

    select
        goal_id,
        metric_id,
        org_level,
        org_unit_id,
        period_kind,
        period_start,
        period_end,
        read_on,
        condition_count - count(value) as missing_count,
        count(*) - count(expected) as untargeted_count,
        sum(case when is_met then 0 else 1 end) as unmet_count,
        max(case when value is null then readable_on end) as readable_on,
        max(case when condition_number = 1 then n end) as n,
        max(case when condition_number = 1 then matured_share end) as matured_share,
        {{ dbt.listagg('phrase', "'; '", 'order by condition_number') }} as phrases

    from stated_conditions
    group by
        goal_id, metric_id, org_level, org_unit_id, period_kind, period_start, period_end, read_on, condition_count

),

labelled_verdicts as (

    select
        summed_conditions.*,
        freshness.newest_extract_on,
        freshness.max_age_days,
        cards.few_below,
        {{ days_between('freshness.newest_extract_on', 'summed_conditions.read_on') }} as age_days,
        case
            when summed_conditions.untargeted_count > 0 then 'no_target'
            when
                {{ days_between('freshness.newest_extract_on', 'summed_conditions.read_on') }} > freshness.max_age_days
                then 'stale'
            when summed_conditions.missing_count > 0 and summed_conditions.readable_on is not null then 'too_early'
            when summed_conditions.missing_count > 0 then 'no_data'
            when summed_conditions.unmet_count > 0 then 'losing'
            else 'winning'
        end as status

    from summed_conditions
    left join freshness on summed_conditions.metric_id = freshness.metric_id
    left join cards on summed_conditions.metric_id = cards.metric_id

)

select
    goal_id,
    metric_id,
    org_level,
    org_unit_id,
    period_kind,
    period_start,
    period_end,
    status,
    case
        when status = 'no_target' then 'No target: ' || phrases || '.'
        when status = 'stale'
            then
                'Stale: the newest extract behind it is from ' || cast(newest_extract_on as {{ dbt.type_string() }})
                || ', ' || cast(age_days as {{ dbt.type_string() }}) || ' days earlier; at most '
                || cast(max_age_days as {{ dbt.type_string() }}) || ' are allowed. ' || phrases || '.'
        when status = 'too_early'
            then 'Too early, readable on ' || cast(readable_on as {{ dbt.type_string() }}) || ': ' || phrases || '.'
        when status = 'no_data' then 'No data: ' || phrases || '.'
        else
            phrases || '.'
            || case
                when n < few_below then ' Only ' || cast(n as {{ dbt.type_string() }}) || ' counted, which is few.'
                else ''
            end
            || case
                when matured_share < 1
                    then
                        ' Provisional: ' || {{ plain_decimals(fixed_decimals('100 * matured_share', 1)) }}
                        || '% of them have matured.'
                else ''
            end
    end as status_reason

from labelled_verdicts
