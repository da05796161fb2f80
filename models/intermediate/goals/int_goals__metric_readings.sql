-- One row per metric, reading, organisation unit and period: every number there is, before it is held against a goal.
{{ config(materialized='view') }}

with

readings as (

    {% for area in ['features', 'insights', 'surveys', 'revenue'] -%}
    select
        metric_id,
        reading,
        org_level,
        squad_id,
        person_id,
        period_kind,
        period_start,
        period_end,
        value,
        unit,
        numerator,
        denominator,
        cast(n as {{ dbt.type_bigint() }}) as n,
        ci_low,
        ci_high,
        matured_share,
        readable_on,
        value_reason

    from {{ ref('int_' ~ area ~ '__metric_values') }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

build_clock as (

    select * from {{ ref('stg_landing__build_clock') }}

)

select
    readings.*,
    coalesce(readings.person_id, readings.squad_id, 'company') as org_unit_id,
    -- The day a reading speaks for: the end of its period, or today while that is still to come.
    least(readings.period_end, build_clock.as_of_on) as read_on

from readings
cross join build_clock
