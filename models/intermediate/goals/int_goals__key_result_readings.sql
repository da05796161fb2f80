-- One row per key result and reading of it, from the published metric it is bound to or from its check-ins.
{{ config(materialized='view') }}

with

key_results as (

    select
        *,
        case org_level when 'person' then owner_id when 'squad' then squad_id else 'company' end as org_unit_id

    from {{ ref('dim_key_results') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

checkins as (

    select * from {{ ref('fct_key_result_checkins') }}

),

metric_values as (

    select * from {{ ref('metric_values') }}

),

goal_conditions as (

    select * from {{ ref('goal_conditions') }}

),

cards as (

    select * from {{ ref('metric_cards') }}

),

value_reasons as (

    select * from {{ ref('value_reasons') }}

),

-- A goal may ask for more than the one of its readings that a key result names: CIRCT wins only when both hold.
other_conditions as (

    select
        key_results.key_result_id,
        conditions.period_kind,
        conditions.period_start,
        conditions.period_end,
        min(case when conditions.is_met then 1 else 0 end) = 1 as is_met,
        max(case when conditions.is_met is null then 1 else 0 end) = 1 as is_unknown,
        {{ dbt.listagg('conditions.phrase', "'; '", 'order by conditions.condition_number') }} as phrases

    from key_results
    inner join
        goal_conditions as own_conditions
        on
            key_results.goal_id = own_conditions.goal_id
            and key_results.metric_id = own_conditions.metric_id
            and key_results.reading = own_conditions.reading
    inner join
        {{ ref('int_goals__stated_conditions') }} as conditions
        on
            key_results.goal_id = conditions.goal_id
            and key_results.metric_id = conditions.metric_id
            and key_results.reading <> conditions.reading
            and key_results.org_level = conditions.org_level
            and key_results.org_unit_id = conditions.org_unit_id
    where key_results.goal_type = 'maintain'
    group by
        key_results.key_result_id, conditions.period_kind, conditions.period_start, conditions.period_end

),

bound_values as (

    select
        key_results.key_result_id,
        key_results.goal_type,
        key_results.period_start as key_result_start,
        build_clock.as_of_on,
        metric_values.period_kind,
        metric_values.period_start,
        metric_values.period_end,
        metric_values.value,
        metric_values.matured_share,
        -- Without a value in a period that is still open, its end is the day to look again.
        coalesce(
            metric_values.readable_on,
            case
                when
                    metric_values.value is null
                    and metric_values.period_kind <> 'day'
                    and metric_values.period_end > build_clock.as_of_on
                    then metric_values.period_end
            end
        ) as readable_on,
        coalesce(value_reasons.sentence, replace(metric_values.value_reason, '_', ' ')) as reason_clause,
        metric_values.period_kind = 'goal_period' as is_pooled,
        -- The day a value speaks for: a day itself, else the end of its period, or today while that is still to come.
        case
            when metric_values.period_kind = 'day' then metric_values.period_start
            else least(metric_values.period_end, build_clock.as_of_on)
        end as read_on

    from key_results
    inner join
        metric_values
        on
            key_results.metric_id = metric_values.metric_id
            and key_results.reading = metric_values.reading
            and key_results.org_level = metric_values.org_level
            and key_results.org_unit_id = metric_values.org_unit_id
    inner join cards on metric_values.metric_id = cards.metric_id
    cross join build_clock
    left join value_reasons on metric_values.value_reason = value_reasons.value_reason
    where
        metric_values.period_end <= key_results.period_end
        and metric_values.period_start <= build_clock.as_of_on
        and (
            (
                metric_values.period_kind = cards.period_kind
                and (key_results.goal_type = 'reach' or metric_values.period_start >= key_results.period_start)
            )
            or (
                metric_values.period_kind = 'goal_period'
                and metric_values.period_start = key_results.period_start
                and metric_values.period_end = key_results.period_end
            )
        )
        -- Of daily values the Mondays, today's and the last of the period: one reading a week is what a plan is held to.
        and (
            metric_values.period_kind <> 'day'
            or metric_values.period_start = {{ week_start('metric_values.period_start') }}
            or metric_values.period_start = build_clock.as_of_on
            or metric_values.period_end = key_results.period_end
        )

),

dated_values as (

    select
        *,
        greatest(read_on, coalesce(readable_on, read_on)) as observed_on

    from bound_values
    -- A value of an earlier period that is read on the first day is where this one starts, not what it brought.
    where period_start >= key_result_start or read_on < key_result_start

),

-- A month that nobody extracted leaves what is to be reached where it last stood; what is to be kept has no verdict.
usable_values as (

    select * from dated_values
    where value is not null or goal_type = 'maintain' or observed_on > as_of_on

)

select
    usable_values.key_result_id,
    usable_values.observed_on,
    usable_values.observed_on as recorded_on,
    usable_values.value,
    usable_values.matured_share,
    case when usable_values.is_pooled then 'pooled' else 'metric' end as row_kind,
    coalesce(other_conditions.is_met, true) as others_hold,
    other_conditions.phrases as other_conditions,
    case
        when usable_values.value is null then coalesce(usable_values.reason_clause, 'the metric has no value')
        when other_conditions.is_unknown then other_conditions.phrases
    end as missing_reason,
    cast(null as {{ dbt.type_string() }}) as status_override,
    cast(null as {{ dbt.type_string() }}) as override_reason,
    cast(null as date) as override_expires_on,
    cast(null as {{ dbt.type_string() }}) as override_by,
    cast(null as {{ dbt.type_string() }}) as recovery_plan,
    0 as recording_number

from usable_values
left join
    other_conditions
    on
        usable_values.key_result_id = other_conditions.key_result_id
        and usable_values.period_kind = other_conditions.period_kind
        and usable_values.period_start = other_conditions.period_start
        and usable_values.period_end = other_conditions.period_end

union all

select
    key_results.key_result_id,
    checkins.observed_on,
    coalesce({{ org_date('checkins.recorded_at') }}, checkins.observed_on) as recorded_on,
    case when key_results.metric_id is null then checkins.observed_value end as value,
    checkins.matured_share,
    case when key_results.metric_id is null then 'checkin' else 'note' end as row_kind,
    true as others_hold,
    cast(null as {{ dbt.type_string() }}) as other_conditions,
    cast(null as {{ dbt.type_string() }}) as missing_reason,
    checkins.status_override,
    checkins.override_reason,
    checkins.override_expires_on,
    checkins.recorded_by as override_by,
    checkins.recovery_plan,
    checkins.recording_number

from checkins
inner join
    key_results
    on
        checkins.checkin_series = key_results.checkin_series
        or checkins.checkin_series = key_results.key_result_id
