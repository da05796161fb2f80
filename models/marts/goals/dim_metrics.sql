-- One row per metric: its card.
select
    metric_id,
    name,
    question,
    numerator,
    denominator,
    unit,
    direction,
    period_kind,
    headline_reading,
    owner_id,
    definition_version,
    reviewed_on,
    max_age_days,
    few_below,
    why_it_matters

from {{ ref('metric_cards') }}
