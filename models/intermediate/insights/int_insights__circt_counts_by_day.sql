-- One row per org unit and day, from the first extract of notes to as_of: how many insights count there for what.
-- noqa: disable=LT02
{%- set quantities = {
    'started': "kind = 'cohort'",
    'within': "kind = 'cohort' and is_within",
    'open': "kind = 'open'",
    'open_with_reason': "kind = 'open' and has_reason",
    'overdue': "kind = 'overdue'",
    'launched': "kind = 'launched'",
    'launched_within': "kind = 'launched' and is_within",
} %}
{%- for method in ['webhook', 'portal_log', 'source_history', 'updated_at', 'snapshot'] %}
    {%- do quantities.update({method: "kind = 'launched' and clock_method = '" ~ method ~ "'"}) %}
{%- endfor %}
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

-- A span counts in up to four ways, each from a day up to another. The cohort of day d are the insights started in
-- [d - 134, d - 45]: old enough that day 45 has passed, young enough for the window.
kinds as (

    {% for kind in ['cohort', 'open', 'overdue', 'launched'] -%}
    select '{{ kind }}' as kind
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

-- One row per span and way to count it, without reading the spans once for each.
counted_spans as (

    select
        kinds.kind,
        spans.org_unit,
        spans.clock_method,
        coalesce(spans.cycle_days <= settings.target_days, false) as is_within,
        spans.resolved_on is null and spans.reason is not null as has_reason,
        greatest(
            case kinds.kind
                when 'cohort' then greatest(spans.from_on, {{ days_after('spans.started_on', 'settings.target_days') }})
                when 'open' then spans.from_on
                when 'overdue'
                    then greatest(spans.from_on, {{ days_after('spans.started_on', 'settings.target_days + 1') }})
                when 'launched' then spans.resolved_on
            end,
            first_extract.first_day
        ) as from_on,
        case kinds.kind
            when 'cohort'
                then least(
                    spans.until_on, {{ days_after('spans.started_on', 'settings.target_days + settings.window_days') }}
                )
            when 'launched' then {{ days_after('spans.resolved_on', 'settings.window_days') }}
            else spans.until_on
        end as until_on

    from spans
    cross join settings
    cross join first_extract
    cross join kinds
    where
        kinds.kind = 'cohort'
        or (spans.is_open and kinds.kind in ('open', 'overdue'))
        or (not spans.is_open and kinds.kind = 'launched')

),

edges as (

    select 1 as change
    union all
    select -1 as change

),

-- A span raises its count on its first day and lowers it on the day after its last, so spans never become days.
changes as (

    select
        counted_spans.*,
        edges.change,
        case edges.change when 1 then counted_spans.from_on when -1 then counted_spans.until_on end as day

    from counted_spans
    cross join edges
    where counted_spans.from_on < counted_spans.until_on

),

daily_changes as (

    select
        org_unit,
        day,
        {%- for quantity, condition in quantities.items() %}
        sum(case when {{ condition }} then change else 0 end) as {{ quantity }}_change{{ ',' if not loop.last }}
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
