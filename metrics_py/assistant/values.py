"""Which metrics there are, what they mean, and their values with all that qualifies them."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import polars as pl
from pydantic import Field

from metrics_py.assistant.replies import Frozen, Instant, RefusedError, Reply, asking
from metrics_py.publish import trace_choice as choice
from metrics_py.publish.reader import Snapshot

Metric = Annotated[str, Field(description="id or name of a metric, such as circt; list_metrics has all")]
Period = Annotated[
    str | None,
    Field(description="2025-12-31, 2025-12, 2025Q4, 2025H2 or 2025-07-01..2025-12-31; none means the newest"),
]
Person = Annotated[str | None, Field(description="work e-mail address or name of a product manager")]
Squad = Annotated[str | None, Field(description="id of a squad; without person and squad, the company")]
Reading = Annotated[str | None, Field(description="which way it is computed; none means the headline of its card")]


class Card(Frozen):
    """What a metric is."""

    metric_id: str
    name: str
    question: str
    numerator: str
    denominator: str | None
    unit: str
    direction: str
    period_kind: str
    headline_reading: str
    owner_id: str
    definition_version: str
    reviewed_on: date
    few_below: int | None
    window_days: int | None
    percentile: float | None
    why_it_matters: str


class Explained(Frozen):
    """A card, the readings and units it is published for, and the days they cover."""

    card: Card
    readings: list[str]
    org_levels: list[str]
    first_day: date
    last_day: date
    as_of: Instant


class Value(Frozen):
    """A published value: never state it without its interval, n, status and day."""

    metric_id: str
    definition_version: str
    reading: str
    org_level: str
    org_unit_id: str
    period_kind: str
    period_start: date
    last_day: date
    as_of: Instant
    value: float | None
    unit: str
    ci_low: float | None = Field(description="95% interval; null where the statistic has none")
    ci_high: float | None
    n: int | None
    numerator: float | None
    denominator: float | None
    target: float | None
    status: str
    status_reason: str
    matured_share: float | None
    readable_on: date | None
    value_reason: str | None = Field(description="why the value is null")
    caution: str | None = Field(default=None, description="say this with the value")


class Chosen(NamedTuple):
    """The rows of one series, oldest first, up to the period that is meant, and its card."""

    card: Mapping[str, Any]
    rows: list[dict[str, Any]]


class ValueTools:
    """Tools about metrics and their values."""

    def __init__(self, published: Path) -> None:
        self._published = published

    def list_metrics(self) -> Reply[list[Card]]:
        """Every metric with its definition, unit, direction, owner and version."""
        cards = Snapshot(self._published).read_all("dim_metrics")
        return Reply(answer=[Card(**row) for row in cards.iter_rows(named=True)])

    def explain_metric(self, metric: Metric) -> Reply[Explained]:
        """What a metric means, who owns it, why it matters, and for whom and when it is published."""
        snapshot = Snapshot(self._published)
        card = find_card(snapshot, metric)
        values = snapshot.read_all("metric_values", where=pl.col("metric_id") == card["metric_id"])
        newest = values.sort("period_end").row(-1, named=True)
        return Reply(
            answer=Explained(
                card=Card(**card),
                readings=values["reading"].unique().sort().to_list(),
                org_levels=values["org_level"].unique().sort().to_list(),
                first_day=values.sort("period_start").row(0, named=True)["period_start"],
                last_day=newest["period_end"] - timedelta(days=1),
                as_of=newest["as_of"],
            )
        )

    def get_values(
        self,
        metric: Metric,
        period: Period = None,
        person: Person = None,
        squad: Squad = None,
        reading: Reading = None,
        last: Annotated[int, Field(ge=1, le=400, description="how many periods, ending with the one named")] = 1,
    ) -> Reply[list[Value]]:
        """Published values, oldest first, each with interval, n, maturity, status, as_of and definition version."""
        chosen = choose(self._published, metric, period=period, person=person, squad=squad, reading=reading)
        values = [value_of(row, chosen.card) for row in chosen.rows[-last:]]
        if all(value.value is None for value in values):
            raise no_value(values[-1])
        return Reply(answer=values)


def find_card(snapshot: Snapshot, metric: str) -> dict[str, Any]:
    """The card of a metric, by id or name.

    Raises: RefusedError
    """
    cards = snapshot.read_all("dim_metrics")
    metric_id = asking("unknown_metric", choice.choose_metric, metric, cards)
    return cards.row(by_predicate=pl.col("metric_id") == metric_id, named=True)


def choose(
    published: Path,
    metric: str,
    *,
    period: str | None = None,
    person: str | None = None,
    squad: str | None = None,
    reading: str | None = None,
) -> Chosen:
    """The series of values that is meant, up to and with the period named.

    Raises: RefusedError
    """
    if person is not None and squad is not None:
        raise RefusedError("bad_request", "Name a person or a squad, not both.")
    snapshot = Snapshot(published)
    card = find_card(snapshot, metric)
    values = snapshot.read_all("metric_values", where=pl.col("metric_id") == card["metric_id"])
    chosen_reading = card["headline_reading"]
    if reading is not None:
        chosen_reading = asking("unknown_reading", choice.choose_reading, reading, values["reading"])
    level, unit = find_unit(snapshot, person=person, squad=squad)
    levels = values["org_level"].unique().sort().to_list()
    series = values.filter(reading=pl.lit(chosen_reading), org_level=pl.lit(level), org_unit_id=pl.lit(unit))
    if series.is_empty():
        raise RefusedError(
            "no_data", f"{card['metric_id']} is not published for {unit}; it is for: {', '.join(levels)}."
        )
    dates = snapshot.read_all("dim_dates")
    span = asking("no_such_period", choice.read_span, period, dates) if period else None
    kind, start = asking(
        "no_such_period", choice.choose_period, span, series.select("period_kind", "period_start", "period_end")
    )
    rows = series.filter(pl.col("period_kind") == kind, pl.col("period_start") <= start).sort("period_start")
    return Chosen(card, rows.to_dicts())


def find_unit(snapshot: Snapshot, *, person: str | None, squad: str | None) -> tuple[str, str]:
    """Level and id of a person, a squad or (neither) the company.

    Raises: RefusedError
    """
    people = snapshot.read_all("dim_people")
    if person is not None:
        return "person", asking("unknown_person", choice.choose_person, person, people)
    if squad is not None:
        return "squad", asking("unknown_squad", choice.choose_squad, squad, people["squad_id"].drop_nulls())
    return "company", "company"


def value_of(row: Mapping[str, Any], card: Mapping[str, Any]) -> Value:
    """A row of metric_values as a reply holds it, with a caution where few were counted."""
    few, count = card["few_below"], row["n"]
    is_few = few is not None and count is not None and count < few
    return Value(
        **{name: row[name] for name in Value.model_fields if name in row},
        last_day=row["period_end"] - timedelta(days=1),
        caution=f"n = {count}, fewer than {few}: too few to conclude anything from." if is_few else None,
    )


def no_value(value: Value) -> RefusedError:
    """The refusal for a null value: too early where there is a day to wait for, else no data."""
    is_early = value.readable_on is not None and value.readable_on > value.as_of.date()
    why = (value.value_reason or "nothing to count").replace("_", " ")
    until = f" It can be read on {value.readable_on}." if is_early else ""
    return RefusedError(
        "too_early" if is_early else "no_data",
        f"{value.metric_id} of {value.org_unit_id} has no value for {value.period_start} to {value.last_day}: "
        f"{why}.{until}",
        readable_on=value.readable_on if is_early else None,
    )
