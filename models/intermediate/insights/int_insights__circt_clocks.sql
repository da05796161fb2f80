-- One row per org unit and distinct clock: how many insights have it, while open and once resolved.
with

spans as (

    select * from {{ ref('int_insights__insight_owner_spans') }}

)

select
    org_unit,
    is_open,
    started_on,
    from_on,
    until_on,
    count(*) as insight_count

from spans
group by
    org_unit,
    is_open,
    started_on,
    from_on,
    until_on
