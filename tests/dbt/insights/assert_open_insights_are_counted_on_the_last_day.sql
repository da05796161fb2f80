-- The counts of the last day, which come from sums of daily changes, are those of the facts themselves.
with

last_day as (

    select
        open_count,
        overdue_count

    from {{ ref('circt_by_day') }}
    where
        org_unit = 'company'
        and day = (select as_of_on from {{ ref('stg_landing__build_clock') }})

),

facts as (

    select
        count(*) as open_count,
        coalesce(sum(case when breaks_45_on <= build_clock.as_of_on then 1 else 0 end), 0) as overdue_count

    from {{ ref('fct_insights') }} as insights
    cross join {{ ref('stg_landing__build_clock') }} as build_clock
    where insights.state = 'open'

)

select
    last_day.open_count,
    facts.open_count as open_in_facts,
    last_day.overdue_count,
    facts.overdue_count as overdue_in_facts

from last_day
cross join facts
where
    last_day.open_count <> facts.open_count
    or last_day.overdue_count <> facts.overdue_count
