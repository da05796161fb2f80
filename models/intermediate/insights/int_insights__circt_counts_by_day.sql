-- One row per org unit and day, from the first extract of notes to as_of: how many insights count there for what.
-- noqa: disable=LT02
{%- set quantities = [
    'started', 'within', 'open', 'open_with_reason', 'overdue',
    'launched', 'launched_within', 'webhook', 'portal_log', 'source_history', 'updated_at', 'snapshot'
] %}
with

spans as (

    select * from {{ ref('int_insights__insight_owner_spans') }}

),

settings as (

    select * from {{ ref('circt_settings') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

org_units as (

    select * from {{ ref('int_insights__org_units') }}

),

first_extract as (

    select {{ org_date('min(extracted_at)') }} as first_day
    from {{ ref('int_insights__extract_times') }}
    where table_name = 'notes'

),

-- On day d the insights started in [d - 134, d - 45]: old enough that day 45 has passed, young enough for the window.
cohort_spans as (

    select
        spans.org_unit,
        greatest(spans.from_on, {{ days_after('spans.started_on', 'settings.target_days') }}) as from_on,
        least(spans.until_on, {{ days_after('spans.started_on', 'settings.target_days + settings.window_days') }})
            as until_on,
        coalesce(spans.cycle_days <= settings.target_days, false) as is_within

    from spans
    cross join settings

),

launch_spans as (

    select
        spans.org_unit,
        spans.clock_method,
        spans.cycle_days <= settings.target_days as is_within,
        spans.resolved_on as from_on,
        {{ days_after('spans.resolved_on', 'settings.window_days') }} as until_on

    from spans
    cross join settings
    where not spans.is_open

),

counted_spans as (

    select
        org_unit,
        'started' as quantity,
        from_on,
        until_on

    from cohort_spans

    union all

    select
        org_unit,
        'within' as quantity,
        from_on,
        until_on

    from cohort_spans
    where is_within

    union all

    select
        org_unit,
        'open' as quantity,
        from_on,
        until_on

    from spans
    where is_open

    union all

    select
        org_unit,
        'open_with_reason' as quantity,
        from_on,
        until_on

    from spans
    where
        is_open
        and resolved_on is null
        and reason is not null

    union all

    select
        spans.org_unit,
        'overdue' as quantity,
        greatest(spans.from_on, {{ days_after('spans.started_on', 'settings.target_days + 1') }}) as from_on,
        spans.until_on

    from spans
    cross join settings
    where spans.is_open

    union all

    select
        org_unit,
        'launched' as quantity,
        from_on,
        until_on

    from launch_spans

    union all

    select
        org_unit,
        'launched_within' as quantity,
        from_on,
        until_on

    from launch_spans
    where is_within

    union all

    select
        org_unit,
        clock_method as quantity,
        from_on,
        until_on

    from launch_spans

),

-- A span raises its count on its first day and lowers it on the day after its last, so spans never become days.
changes as (

    select
        counted_spans.org_unit,
        counted_spans.quantity,
        greatest(counted_spans.from_on, first_extract.first_day) as day,
        1 as change

    from counted_spans
    cross join first_extract
    where
        counted_spans.from_on < counted_spans.until_on
        and counted_spans.until_on > first_extract.first_day

    union all

    select
        counted_spans.org_unit,
        counted_spans.quantity,
        counted_spans.until_on as day,
        -1 as change

    from counted_spans
    cross join first_extract
    where
        counted_spans.from_on < counted_spans.until_on
        and counted_spans.until_on > first_extract.first_day

),

daily_changes as (

    select
        org_unit,
        day,
        {%- for quantity in quantities %}
        sum(case when quantity = '{{ quantity }}' then change else 0 end)
            as {{ quantity }}_change{{ ',' if not loop.last }}
        {%- endfor %}

    from changes
    group by org_unit, day

),

days as (

    {{ day_spine('(select first_day from first_extract)', '(select as_of_on from build_clock)') }}

)

select
    org_units.org_unit,
    org_units.org_level,
    org_units.squad_id,
    org_units.person_id,
    days.day,
    {%- for quantity in quantities %}
    cast(sum(coalesce(daily_changes.{{ quantity }}_change, 0)) over unit_days as bigint)
        as {{ quantity }}_count{{ ',' if not loop.last }}
    {%- endfor %}

from org_units
cross join days
left join daily_changes
    on
        org_units.org_unit = daily_changes.org_unit
        and days.day = daily_changes.day
window unit_days as (partition by org_units.org_unit order by days.day)
