-- One row per goal in force and organisation unit: where it stands at as_of, and its verdict over the goal's own period.
with

standings as (

    select * from {{ ref('int_goals__standings') }}

),

labelled_standings as (

    select
        *,
        case
            when reading_status is null and goal_period_start > as_of_on then 'too_early'
            when reading_status is null then 'no_data'
            when reading_status in ('winning', 'losing') and (is_stale or value_age_days > max_age_days) then 'stale'
            else reading_status
        end as status

    from standings

)

select
    goal_id,
    goal_level,
    goal_name,
    goal_type,
    metric_id,
    reading,
    org_level,
    org_unit_id,
    squad_id,
    person_id,
    period_kind,
    period_start,
    period_end,
    as_of,
    value,
    unit,
    numerator,
    denominator,
    n,
    ci_low,
    ci_high,
    target,
    expected,
    value - target as gap,
    status,
    case
        when reading_status is null and status = 'too_early'
            then 'Too early: the goal starts on ' || cast(goal_period_start as {{ dbt.type_string() }}) || '.'
        when reading_status is null then 'No data: nothing has landed that this goal could be judged by.'
        when status = 'stale' and reading_status <> 'stale' and is_stale
            then
                'Stale: the newest extract behind it is from ' || cast(newest_extract_on as {{ dbt.type_string() }})
                || '; at most ' || cast(max_age_days as {{ dbt.type_string() }}) || ' days are allowed. ' || reading_reason
        when status = 'stale' and reading_status <> 'stale'
            then
                'Stale: the newest value is ' || cast(value_age_days as {{ dbt.type_string() }}) || ' days old; at most '
                || cast(max_age_days as {{ dbt.type_string() }}) || ' are allowed. ' || reading_reason
        when value is null and previous_status in ('winning', 'losing')
            then
                reading_reason || ' In the period from '
                || cast(previous_period_start as {{ dbt.type_string() }}) || ': ' || previous_status_reason
        else reading_reason
    end as status_reason,
    matured_share,
    case when reading_status is null and status = 'too_early' then goal_period_start else readable_on end as readable_on,
    case
        when status not in ('winning', 'losing') or condition_count > 1 or ci_low is null or ci_high is null then null
        when status = 'winning' and comparator = '>=' then ci_low >= expected
        when status = 'winning' then ci_high <= expected
        when comparator = '>=' then ci_high < expected
        else ci_low > expected
    end as is_supported_at_95,
    previous_period_start,
    previous_value,
    previous_status,
    case
        when value is null or previous_value is null then null
        when value = previous_value then 'unchanged'
        when (value > previous_value) = (comparator = '>=') then 'improving'
        else 'worsening'
    end as trend,
    periods_held,
    periods_evaluated,
    goal_period_start,
    goal_period_end,
    goal_period_value,
    goal_period_n,
    goal_period_status,
    goal_period_reason

from labelled_standings
