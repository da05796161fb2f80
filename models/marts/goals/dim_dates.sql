-- One row per day, from five years before the first extract to the end of the last goal.
with

bounds as (

    select
        {{ quarter_start(days_after('min(' ~ org_date('extracted_at') ~ ')', -1826)) }} as first_day,
        max({{ org_date('extracted_at') }}) as last_extract_on

    from {{ ref('stg_landing__extracts') }}

),

horizon as (

    select max(period_end) as goals_end_on from {{ ref('goals') }}

),

spine_bounds as (

    select
        bounds.first_day,
        {{ days_after(next_quarter_start(quarter_start('greatest(bounds.last_extract_on, horizon.goals_end_on)')), -1) }}
            as last_day

    from bounds
    cross join horizon

),

days as (

    {{ day_spine('(select first_day from spine_bounds)', '(select last_day from spine_bounds)') }}

),

quartered_days as (

    select
        day as date_on,
        {{ quarter_start('day') }} as quarter_start

    from days

)

select
    date_on,
    cast(date_trunc('month', date_on) as date) as month_start,
    quarter_start,
    {{ next_quarter_start('quarter_start') }} as quarter_end,
    {{ fiscal_quarter_name('quarter_start') }} as fiscal_quarter,
    {{ days_between('quarter_start', 'date_on') }} as quarter_days_elapsed,
    {{ days_between('quarter_start', next_quarter_start('quarter_start')) }} as quarter_days

from quartered_days
