-- Fiscal quarters that do not have a row for each of their days, have more than one name, or are not 89 to 92 days long.
select
    quarter_start,
    quarter_end,
    count(*) as day_count,
    count(distinct fiscal_quarter) as name_count,
    min(quarter_days) as quarter_days

from {{ ref('dim_dates') }}
group by quarter_start, quarter_end
having
    count(*) <> min(quarter_days)
    or count(distinct fiscal_quarter) <> 1
    or count(fiscal_quarter) <> count(*)
    or min(quarter_days) not between 89 and 92
    or max(quarter_days_elapsed) <> min(quarter_days) - 1
