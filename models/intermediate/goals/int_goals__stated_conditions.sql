-- One row per judged condition with the clause that states it; numbers are rounded here and only here, and a rounding
-- that would hide the difference which decides gets more digits.
with

judged_conditions as (

    select * from {{ ref('int_goals__judged_conditions') }}

),

value_reasons as (

    select * from {{ ref('value_reasons') }}

),

scaled_conditions as (

    select
        judged_conditions.*,
        coalesce(value_reasons.sentence, replace(judged_conditions.value_reason, '_', ' ')) as reason_clause,
        case when judged_conditions.unit = 'share' then 100 else 1 end as scale

    from judged_conditions
    left join value_reasons on judged_conditions.value_reason = value_reasons.value_reason

),

rounded_conditions as (

    select
        *,
        {{ fixed_decimals('scale * value', 1) }} as value_1,
        {{ fixed_decimals('scale * expected', 1) }} as expected_1,
        {{ fixed_decimals('scale * value', 4) }} as value_4,
        {{ fixed_decimals('scale * expected', 4) }} as expected_4

    from scaled_conditions

),

written_numbers as (

    select
        *,
        case
            when unit = 'usd' and abs(value - expected) >= 1 then {{ fixed_decimals('value', 0, thousands=true) }}
            when unit = 'usd' then {{ fixed_decimals('value', 2, thousands=true) }}
            when value_1 <> expected_1 or value = expected then {{ plain_decimals('value_1') }}
            else {{ plain_decimals('value_4') }}
        end as value_number,
        case
            when unit = 'usd' and abs(value - expected) >= 1 then {{ fixed_decimals('expected', 0, thousands=true) }}
            when unit = 'usd' then {{ fixed_decimals('expected', 2, thousands=true) }}
            when value_1 <> expected_1 or value = expected then {{ plain_decimals('expected_1') }}
            else {{ plain_decimals('expected_4') }}
        end as expected_number,
        case
            when unit = 'usd' then {{ fixed_decimals('abs(value - expected)', 0, thousands=true) }}
            when value_1 <> expected_1
                then {{ plain_decimals(fixed_decimals('abs(' ~ float64('value_1') ~ ' - ' ~ float64('expected_1') ~ ')', 1)) }}
            else {{ plain_decimals(fixed_decimals('abs(' ~ float64('value_4') ~ ' - ' ~ float64('expected_4') ~ ')', 4)) }}
        end as gap_number,
        case
            when unit = 'usd' then {{ fixed_decimals('target', 0, thousands=true) }}
            else {{ plain_decimals(fixed_decimals('scale * target', 1)) }}
        end as target_number

    from rounded_conditions

),

written_conditions as (

    select
        *,
        case when unit = 'usd' then '$' else '' end as sign,
        case
            when unit = 'share' then '%'
            when unit = 'days' and value_number = '1' then ' day'
            when unit = 'days' then ' days'
            else ''
        end as value_noun,
        case when unit = 'share' then '%' when unit = 'days' then ' days' else '' end as target_noun,
        case
            when unit = 'share' then ' pp'
            when unit = 'usd' then ''
            when unit = 'days' and gap_number = '1' then ' day'
            when unit = 'days' then ' days'
            when gap_number = '1' then ' point'
            else ' points'
        end as gap_noun

    from written_numbers

)

select
    goal_id,
    condition_number,
    condition_count,
    metric_id,
    reading,
    org_level,
    org_unit_id,
    period_kind,
    period_start,
    period_end,
    read_on,
    value,
    target,
    expected,
    is_met,
    n,
    matured_share,
    readable_on,
    case
        when value is null then label || ' has no value' || coalesce(' because ' || reason_clause, '')
        when expected is null then label || ' is ' || sign || value_number || value_noun || ' and has no target'
        when goal_type = 'reach'
            then
                label || ' is ' || sign || value_number || value_noun
                || case
                    when value = expected then ', exactly the '
                    when is_met then ', ahead of the '
                    else ', behind the '
                end
                || sign || expected_number || target_noun || ' that the straight line to '
                || sign || target_number || target_noun || ' on '
                || cast({{ days_after('due_on', -1) }} as {{ dbt.type_string() }})
                || ' asks for by ' || cast({{ days_after('read_on', -1) }} as {{ dbt.type_string() }})
        when value = expected then label || ' is ' || sign || value_number || value_noun || ', exactly the target'
        else
            label || ' is ' || sign || value_number || value_noun || ', ' || sign || gap_number || gap_noun
            || case
                when comparator = '<=' and is_met then ' under'
                when comparator = '<=' then ' over'
                when is_met then ' above'
                else ' short of'
            end
            || ' the target of ' || sign || expected_number || target_noun
    end as phrase

from written_conditions
