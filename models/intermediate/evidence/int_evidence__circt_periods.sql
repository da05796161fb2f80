-- One row for the days CIRCT is read on, whose windows are not listed, and one per goal period that has begun.
{{ config(materialized='ephemeral') }}
select
    'day' as period_kind,
    cast(null as date) as period_start,
    cast(null as date) as period_end,
    cast(null as date) as last_day

union all

select distinct
    'goal_period' as period_kind,
    period_start,
    period_end,
    last_day

from {{ ref('int_insights__circt_goal_periods') }}
