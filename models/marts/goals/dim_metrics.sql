-- One row per metric: its card. A metric read every day is read over a trailing window.
select
    metric_cards.metric_id,
    metric_cards.name,
    metric_cards.question,
    metric_cards.numerator,
    metric_cards.denominator,
    metric_cards.unit,
    metric_cards.direction,
    metric_cards.period_kind,
    metric_cards.headline_reading,
    metric_cards.owner_id,
    metric_cards.definition_version,
    metric_cards.reviewed_on,
    metric_cards.max_age_days,
    metric_cards.few_below,
    metric_cards.why_it_matters,
    circt_settings.window_days,
    {{ float64('circt_settings.percentile') }} as percentile

from {{ ref('metric_cards') }} as metric_cards
left join {{ ref('circt_settings') }} as circt_settings
    on metric_cards.period_kind = 'day'
