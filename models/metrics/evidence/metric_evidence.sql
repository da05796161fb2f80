-- One row per metric, reading, org unit, run of periods and thing that went into its values or was left out of them.
{{ config(
    materialized='incremental',
    on_schema_change='fail',
    meta={'stale': "
        row_kind not in ('insight', 'note')
        or row_id in {touched_notes}
        or (period_kind = 'day' and last_period_start >= {since_on})
        or (period_kind = 'goal_period' and (amount is null or event_on >= {young_from}))
    "},
) }}
-- depends_on: {{ ref('int_insights__touched_notes') }}, {{ ref('circt_settings') }}
with

evidence as (

    {% for area in ['features', 'insights', 'surveys', 'revenue'] -%}
    select * from {{ ref('int_evidence__' ~ area) }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
)

select
    metric_id,
    reading,
    org_level,
    coalesce(person_id, squad_id, 'company') as org_unit_id,
    period_kind,
    first_period_start,
    last_period_start,
    row_kind,
    row_id,
    reason is null as is_in,
    reason,
    case when reason is null then cast(numerator as decimal(18, 3)) end as numerator,
    case when reason is null then cast(denominator as decimal(18, 3)) end as denominator,
    case when reason is null then cast(n as integer) end as n,
    cast(amount as decimal(18, 3)) as amount,
    event_on,
    squad_id,
    person_id

from evidence
