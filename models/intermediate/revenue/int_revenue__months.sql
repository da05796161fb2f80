-- One row per month from the first with ARR to the one that holds as_of; covered months are numbered.
with

account_arr as (

    select * from {{ ref('stg_crm__account_arr') }}

),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

),

covered_months as (

    select
        month_start,
        row_number() over (order by month_start) as covered_number,
        lag(month_start) over (order by month_start) as previous_covered_month

    from (select distinct month_start from account_arr) as months

),

days as (

    {{ day_spine(
        '(select min(month_start) from ' ~ ref('stg_crm__account_arr') ~ ')',
        '(select as_of_on from ' ~ ref('stg_landing__build_clock') ~ ')'
    ) }}

),

months as (

    select distinct cast(date_trunc('month', days.day) as date) as month_start
    from days
    union
    select month_start from covered_months

)

select
    months.month_start,
    {{ next_month_start('months.month_start') }} as month_end,
    covered_months.covered_number is not null as is_covered,
    covered_months.covered_number,
    covered_months.previous_covered_month,
    {{ next_month_start('months.month_start') }} > build_clock.as_of_on as is_open

from months
cross join build_clock
left join covered_months on months.month_start = covered_months.month_start
