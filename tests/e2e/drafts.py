"""Two hundred sentences about published values, half of them true, half with an error planted in the number."""

import random
from dataclasses import dataclass
from datetime import date

import polars as pl

SEED = 20260131
EACH = 100
TOLD = {
    "arr": ("headline", "month", "In {month} ARR was {number}."),
    "circt": ("p90_launched", "day", "On {day} CIRCT was {number}."),
    "ddqs": ("headline", "quarter", "In {quarter} DDQS was {number}."),
    "nps": ("post_stratified", "wave", "In {quarter} NPS was {number}."),
}
NOW = {"arr": "ARR is {number}.", "circt": "CIRCT is {number}.", "ddqs": "DDQS is {number}.", "nps": "NPS is {number}."}
ERRORS = ("value", "period", "unit", "stale", "sign")


@dataclass(frozen=True)
class Sentence:
    """A sentence with the error planted in it; None for a true one."""

    text: str
    error: str | None


def sentences(values: pl.DataFrame) -> list[Sentence]:
    """True sentences and false ones in turn, always the same."""
    draw = random.Random(SEED)
    series = {metric: _series(values, metric) for metric in TOLD}
    goals = values.filter(period_kind=pl.lit("goal_period"), org_level=pl.lit("company"), reading=pl.lit("headline"))
    pooled = dict(goals.select("metric_id", "value").iter_rows())
    made = []
    for number in range(EACH):
        metric = draw.choice(sorted(TOLD))
        made.append(Sentence(_told(metric, *draw.choice(series[metric])), None))
        made.append(_false(ERRORS[number % len(ERRORS)], series, pooled, draw))
    return made


def _series(values: pl.DataFrame, metric: str) -> list[tuple[date, float]]:
    reading, kind, _ = TOLD[metric]
    rows = values.filter(
        metric_id=pl.lit(metric), reading=pl.lit(reading), period_kind=pl.lit(kind), org_level=pl.lit("company")
    )
    return list(rows.drop_nulls("value").sort("period_start").select("period_start", "value").iter_rows())


def _told(metric: str, day: date, value: float, *, number: str | None = None) -> str:
    quarter = f"{day.year}Q{(day.month + 2) // 3}"
    return TOLD[metric][2].format(
        month=f"{day:%B %Y}", day=day.isoformat(), quarter=quarter, number=number or _number(metric, value)
    )


def _number(metric: str, value: float) -> str:
    if metric == "arr":
        return f"${value:,.0f}"
    return f"{value:.0f} days" if metric == "circt" else f"{value:.2f}"


def _false(
    error: str, series: dict[str, list[tuple[date, float]]], pooled: dict[str, float], draw: random.Random
) -> Sentence:
    metric = "nps" if error == "sign" else draw.choice(("arr", "circt") if error == "unit" else sorted(TOLD))
    rows = series[metric]
    day, value = draw.choice(rows)
    if error == "value":
        wrong = value * draw.choice((1.15, 1.3)) + 3
        return Sentence(_told(metric, day, value, number=_number(metric, wrong)), error)
    if error == "sign":
        return Sentence(_told(metric, day, value, number=_number(metric, -value)), error)
    if error == "unit":
        written = f"{value:,.0f} days" if metric == "arr" else f"{value:.0f}%"
        return Sentence(_told(metric, day, value, number=written), error)
    told = rows[-1] if error == "stale" else (day, value)
    # The value of the whole goal period is true now, too, beside that of the newest period.
    true_now = {_number(metric, one) for one in (told[1], pooled.get(metric)) if one is not None}
    others = [other for _, other in rows if _number(metric, other) not in true_now]
    number = _number(metric, draw.choice(others))
    if error == "stale":
        return Sentence(NOW[metric].format(number=number), error)
    return Sentence(_told(metric, day, value, number=number), error)
