"""The way from a published number back to its rows: those in it, those left out and why, and their raw records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.errors import ConfigurationError
from metrics_py.publish import trace_choice as choice
from metrics_py.publish.reader import Snapshot

_ROW_COLUMNS = ("row_kind", "row_id", "label", "event_on", "amount", "numerator", "denominator", "n", "reason")
_RELATIVE_TOLERANCE = 1e-11
"""Published numbers are rounded to 12 significant digits; sums of rows are exact."""


@dataclass(frozen=True)
class TracedValue:
    """A published value with what the board says of it and what its metric's card says it is."""

    metric_id: str
    metric_name: str
    definition_version: str
    headline_reading: str
    numerator_means: str
    """What the card says of the headline reading; the others stand beside it and vary it."""
    denominator_means: str | None
    reading: str
    org_level: str
    org_unit_id: str
    org_unit_name: str
    period_kind: str
    period_start: date
    period_end: date
    as_of: datetime | None
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    n: int | None
    ci_low: float | None
    ci_high: float | None
    target: float | None
    status: str
    status_reason: str
    value_reason: str | None


@dataclass(frozen=True)
class Recomputation:
    """Numerator, denominator and n as the listed rows give them, and the value where rows alone give it."""

    numerator: float
    denominator: float
    n: int
    value: float | None
    """None where the rows alone do not give the value: it is weighted, or there is none."""
    disagreements: tuple[str, ...]
    """Which of the four differ from what was published, each as a sentence."""

    @property
    def agrees(self) -> bool:
        """True when everything published is what the rows give."""
        return not self.disagreements


@dataclass(frozen=True)
class Trace:
    """A published value and everything behind it."""

    value: TracedValue
    rows_in: pl.DataFrame
    """One row per thing in the value: row_kind, row_id, label, event_on, amount, numerator, denominator, n."""
    rows_out: pl.DataFrame
    """One row per thing left out: row_kind, row_id, label, event_on, amount and reason."""
    sources: pl.DataFrame
    """One row per thing and raw record, in the columns of metric_evidence_sources: role, source_file, source_row ..."""
    recomputed: Recomputation


def trace(
    published: Path,
    metric: str,
    *,
    period: str | None = None,
    person: str | None = None,
    squad: str | None = None,
    reading: str | None = None,
) -> Trace:
    """The rows behind a published value, recomputed and followed to the raw records; reads the snapshot alone.

    Args:
        published: folder of the published snapshot.
        metric: id or name of the metric.
        period: 2025-12-31, 2025-12, 2025Q4, 2025H2 or 2025-07-01..2025-12-31. None: the newest value.
        person: id (work e-mail address) or name of a product manager. None, like squad: the company.
        squad: id of a squad.
        reading: which way the metric is computed. None: the headline of its card.
    Returns: the value, its rows and their records; `recomputed.agrees` says whether the rows give the value.
    Raises: ConfigurationError for a metric, reading, person, squad or period that is not there, saying which are;
        WarehouseError when nothing is published or the snapshot holds no evidence.
    """
    if person is not None and squad is not None:
        raise ConfigurationError("name a person or a squad, not both; a person's squad is traced on its own")
    tables = Snapshot(published)
    cards = tables.read_all("dim_metrics")
    metric_id = choice.choose_metric(metric, cards)
    card = cards.row(by_predicate=pl.col("metric_id") == metric_id, named=True)
    of_metric = tables.read_all("metric_values", where=pl.col("metric_id") == metric_id)
    chosen_reading = choice.choose_reading(reading, of_metric["reading"]) if reading else card["headline_reading"]
    people = tables.read_all("dim_people")
    level, unit_id, unit_name = _unit(person, squad, people, of_metric)
    values = of_metric.filter(reading=pl.lit(chosen_reading), org_level=pl.lit(level), org_unit_id=pl.lit(unit_id))
    if values.is_empty():
        levels = (
            tables.read_all("metric_values", where=pl.col("metric_id") == metric_id)["org_level"]
            .unique()
            .sort()
            .to_list()
        )
        raise ConfigurationError(f"{metric_id} has no value for {unit_name}; it is published for: {', '.join(levels)}")
    span = choice.read_span(period, tables.read_all("dim_dates")) if period else None
    kind, start = choice.choose_period(span, values.select("period_kind", "period_start", "period_end"))
    row = values.filter(period_kind=pl.lit(kind), period_start=pl.lit(start)).row(0, named=True)
    value = _traced_value(row, card, unit_name)
    rows = _rows(tables, value)
    return Trace(
        value=value,
        rows_in=rows.filter("is_in").select(_ROW_COLUMNS[:-1]),
        rows_out=rows.filter(~pl.col("is_in")).select(*_ROW_COLUMNS[:5], "reason"),
        sources=_sources(tables, rows),
        recomputed=recompute(rows.filter("is_in"), value),
    )


def recompute(rows_in: pl.DataFrame, value: TracedValue) -> Recomputation:
    """Numerator, denominator, n and value from the rows in, held against what was published.

    A published null is no ratio and is not compared; no rows is a sum of 0.
    """
    numerator, denominator = (float(rows_in[name].sum()) for name in ("numerator", "denominator"))
    count = int(rows_in["n"].sum())
    again = None if value.value is None else _value_again(value, rows_in, numerator, denominator)
    pairs = (
        ("numerator", value.numerator, numerator),
        ("denominator", value.denominator, denominator),
        ("n", value.n, count),
        ("value", None if again is None else value.value, again),
    )
    return Recomputation(
        numerator,
        denominator,
        count,
        again,
        tuple(
            f"published {name} {said:,.12g}, the rows give {found:,.12g}"
            for name, said, found in pairs
            if said is not None and found is not None and abs(said - found) > _RELATIVE_TOLERANCE * max(1.0, abs(said))
        ),
    )


def _value_again(value: TracedValue, rows_in: pl.DataFrame, numerator: float, denominator: float) -> float | None:
    amounts = rows_in["amount"].drop_nulls().cast(pl.Float64).sort()
    if value.reading.startswith("p90") and not amounts.is_empty():
        # In whole numbers, because in floats 0.9 * 10 is more than 9.
        if not value.reading.endswith("_cont"):
            return float(amounts[(9 * amounts.len() + 9) // 10 - 1])
        place, tenths = divmod(9 * (amounts.len() - 1), 10)
        below, above = amounts[place], amounts[min(place + 1, amounts.len() - 1)]
        return float(below + (above - below) * tenths / 10)
    if value.reading == "minimum":
        return None if amounts.is_empty() else float(amounts[0])
    if value.numerator is None:
        return None
    if value.denominator is None:
        return numerator
    if denominator == 0:
        return None
    return numerator / denominator * (100 if value.unit == "nps" else 1)


def _unit(person: str | None, squad: str | None, people: pl.DataFrame, values: pl.DataFrame) -> tuple[str, str, str]:
    if person is not None:
        person_id = choice.choose_person(person, people)
        name = people.row(by_predicate=pl.col("person_id") == person_id, named=True)["display_name"]
        return "person", person_id, name
    if squad is not None:
        squads = values["squad_id"].drop_nulls().to_list() or people["squad_id"].drop_nulls().to_list()
        squad_id = choice.choose_squad(squad, squads)
        return "squad", squad_id, f"squad {squad_id}"
    return "company", "company", "the company"


def _traced_value(row: Mapping[str, Any], card: Mapping[str, Any], unit_name: str) -> TracedValue:
    own = {
        "metric_name": card["name"],
        "headline_reading": card["headline_reading"],
        "numerator_means": card["numerator"],
        "denominator_means": card["denominator"],
        "org_unit_name": unit_name,
    }
    return TracedValue(**own, **{name: row[name] for name in TracedValue.__dataclass_fields__ if name not in own})


def _rows(tables: Snapshot, value: TracedValue) -> pl.DataFrame:
    rows = tables.read_all(
        "metric_evidence",
        where=(pl.col("metric_id") == value.metric_id)
        & (pl.col("reading") == value.reading)
        & (pl.col("org_level") == value.org_level)
        & (pl.col("org_unit_id") == value.org_unit_id)
        & (pl.col("period_kind") == value.period_kind)
        & (pl.col("first_period_start") <= value.period_start)
        & (pl.col("last_period_start") >= value.period_start),
    )
    features = tables.read_all("dim_features").select(row_key="feature_id", label="feature_name")
    accounts = tables.read_all("dim_accounts").select(row_key="account_id", label="account_name")
    labels = pl.concat(
        [
            features.with_columns(row_kind=pl.lit("feature")),
            accounts.with_columns(row_kind=pl.lit("account_month")),
        ]
    )
    return (
        rows.with_columns(row_key=pl.col("row_id").str.split("|").list.first())
        .join(labels, on=["row_kind", "row_key"], how="left")
        .sort("event_on", "row_kind", "row_id", nulls_last=True)
    )


def _sources(tables: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
    wanted = rows.select("row_kind", "row_id").unique()
    kinds = wanted["row_kind"].unique().to_list()
    sources = tables.read_all("metric_evidence_sources", where=pl.col("row_kind").is_in(kinds))
    return sources.join(wanted, on=["row_kind", "row_id"], how="semi").sort(
        "row_kind", "row_id", "role", "source_file", "source_row"
    )
