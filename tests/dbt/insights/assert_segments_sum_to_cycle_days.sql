-- Triage, validation and delivery are the whole clock: no day is lost or counted twice, and none is negative.
select
    insight_id,
    cycle_days,
    triage_days,
    validation_days,
    delivery_days

from {{ ref('fct_insights') }}
where
    state = 'resolved'
    and (
        cycle_days is null
        or triage_days + validation_days + delivery_days <> cycle_days
        or least(triage_days, validation_days, delivery_days) < 0
    )
