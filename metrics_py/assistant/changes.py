"""Two values of a metric side by side: how far they differ and which rows account for it."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import Field

from metrics_py.assistant.replies import Frozen, Instant, Quoted, RefusedError, Reply
from metrics_py.assistant.strata import stratum_effects
from metrics_py.assistant.values import (
    Metric,
    Period,
    Person,
    Reading,
    Squad,
    Value,
    choose,
    find_card,
    find_unit,
    no_value,
    value_of,
)
from metrics_py.history.decompose import (
    Effect,
    Part,
    minimum,
    of_order,
    of_ratio,
    of_sum,
    quantile_cont,
    quantile_disc,
)
from metrics_py.publish.reader import Snapshot
from metrics_py.publish.trace import Trace, trace

_TOLERANCE = 1e-9


class Cause(Frozen):
    """What one row accounts for: by its own value (rate), its weight (mix), by coming in (entry) or leaving (exit)."""

    row_kind: str
    row_id: str
    label: Quoted | None
    component: str
    effect: float


class Comparison(Frozen):
    """Two values, their difference, and its parts; the parts sum to the difference."""

    earlier: Value
    later: Value
    change: float
    unit: str
    intervals_overlap: bool | None = Field(description="null where a value has no interval")
    by_component: dict[str, float]
    largest: list[Cause]
    rows_not_listed: int
    decomposition_note: str | None = Field(description="why there is no decomposition, where there is none")


class Restated(Frozen):
    """A published value that a later publish changed, and what changed it."""

    previous_as_of: Instant | None
    as_of: Instant
    reading: str
    period_start: date
    old_value: float | None
    new_value: float | None
    cause: str
    effect: float | None
    row_kind: str | None
    row_id: str | None
    explanation: str | None


class ChangeTools:
    """Tools about what changed."""

    def __init__(self, published: Path) -> None:
        self._published = published

    def compare(
        self,
        metric: Metric,
        earlier: Annotated[str, Field(description="the first period or day, such as 2025-10-31 or 2025Q3")],
        later: Period = None,
        person: Person = None,
        squad: Squad = None,
        reading: Reading = None,
        limit: Annotated[int, Field(ge=0, le=200, description="rows listed, the largest effects first")] = 10,
    ) -> Reply[Comparison]:
        """Two values of a metric, their difference, and which rows account for it; the parts sum to it."""
        named: dict[str, Any] = {"person": person, "squad": squad, "reading": reading}
        before, after = (self._readable(metric, period, named) for period in (earlier, later))
        if (before.period_kind, before.period_start) == (after.period_kind, after.period_start):
            raise RefusedError("bad_request", "Both are the same period; name two different ones.")
        old, new = (
            trace(self._published, metric, period=f"{value.period_start}..{value.last_day}", **named)
            for value in (before, after)
        )
        change = (after.value or 0.0) - (before.value or 0.0)
        effects, note = _effects(old, new, change, Snapshot(self._published))
        labels = _labels(old) | _labels(new)
        ranked = sorted(effects, key=lambda effect: (-abs(effect.effect or 0), effect.row))
        by_component: dict[str, float] = {}
        for effect in effects:
            by_component[effect.component] = by_component.get(effect.component, 0.0) + (effect.effect or 0.0)
        return Reply(
            answer=Comparison(
                earlier=before,
                later=after,
                change=change,
                unit=after.unit,
                intervals_overlap=_overlap(before, after),
                by_component=by_component,
                largest=[_cause(effect, labels) for effect in ranked[:limit]],
                rows_not_listed=max(0, len(ranked) - limit),
                decomposition_note=note,
            )
        )

    def list_restatements(
        self,
        metric: Metric,
        person: Person = None,
        squad: Squad = None,
        limit: Annotated[int, Field(ge=1, le=500)] = 50,
    ) -> Reply[list[Restated]]:
        """Values already published that a later publish changed, newest first, with the row or cause behind each."""
        snapshot = Snapshot(self._published)
        card = find_card(snapshot, metric)
        level, unit = find_unit(snapshot, person=person, squad=squad)
        rows = snapshot.read_all(
            "metric_restatements",
            where=(pl.col("metric_id") == card["metric_id"])
            & (pl.col("org_level") == level)
            & (pl.col("org_unit_id") == unit)
            & (pl.col("cause") != "new_period"),
        )
        newest = rows.sort("publish_number", "item_number", descending=[True, False]).head(limit)
        return Reply(answer=[Restated(**row) for row in newest.iter_rows(named=True)])

    def _readable(self, metric: str, period: str | None, named: dict[str, Any]) -> Value:
        chosen = choose(self._published, metric, period=period, **named)
        value = value_of(chosen.rows[-1], chosen.card)
        if value.value is None:
            raise no_value(value)
        if value.caution:
            raise RefusedError("too_few", f"{value.metric_id} on {value.last_day} cannot be compared: {value.caution}")
        return value


def _effects(old: Trace, new: Trace, change: float, snapshot: Snapshot) -> tuple[list[Effect], str | None]:
    reading, unit = new.value.reading, new.value.unit
    before, after = _parts(old), _parts(new)
    if len(before) != old.rows_in.height or len(after) != new.rows_in.height:
        return [], "A row counts more than once in this reading."
    parts = [Part(row, before.get(row), after.get(row)) for row in sorted(before.keys() | after.keys())]
    if reading.startswith("p90") or reading == "minimum":
        ordered = {"minimum": minimum, "p90_launched_cont": quantile_cont}.get(reading, quantile_disc)
        amounts = sorted(part[2] for part in before.values() if part[2] is not None)
        effects = list(of_order(parts, old=amounts, statistic=ordered))
    elif reading == "post_stratified":
        waves = tuple(traced.rows_in["row_id"].to_list() for traced in (old, new))
        effects, note = stratum_effects(snapshot, (waves[0], waves[1]))
        if note is not None:
            return [], note
    elif old.value.numerator is None or new.value.numerator is None:
        return [], "The rows behind this reading are weighted, and their weights are not published."
    elif new.value.denominator is None:
        effects = list(of_sum(parts, is_defined=True))
    else:
        sums = ((one.recomputed.numerator, one.recomputed.denominator) for one in (old, new))
        effects = list(of_ratio(parts, old=next(sums), new=next(sums), scale=100 if unit == "nps" else 1))
    gap = abs(sum(effect.effect or 0 for effect in effects) - change)
    if gap > _TOLERANCE * max(1.0, abs(change), abs(new.value.value or 0)):
        return [], "The rows alone do not add up to the difference of this reading."
    return [effect for effect in effects if effect.effect], None


def _parts(traced: Trace) -> dict[str, tuple[float | None, float | None, float | None]]:
    numbers = pl.col("numerator", "denominator", "amount").cast(pl.Float64)
    rows = traced.rows_in.select("row_kind", "row_id", numbers)
    return {
        f"{kind}:{_lasting(kind, row)}": (numerator, denominator, amount)
        for kind, row, numerator, denominator, amount in rows.iter_rows()
    }


def _lasting(kind: str, row: str) -> str:
    # An account is the same in both months, though its row is one of each month.
    return row.split("|")[0] if kind == "account_month" else row


def _labels(traced: Trace) -> dict[str, str | None]:
    rows = traced.rows_in.select("row_kind", "row_id", "label").iter_rows()
    return {f"{kind}:{_lasting(kind, row)}": label for kind, row, label in rows}


def _cause(effect: Effect, labels: dict[str, str | None]) -> Cause:
    kind, row = effect.row.split(":", 1)
    return Cause(
        row_kind=kind,
        row_id=row,
        label=Quoted.of(labels.get(effect.row)),
        component=effect.component,
        effect=effect.effect or 0.0,
    )


def _overlap(before: Value, after: Value) -> bool | None:
    if before.ci_low is None or before.ci_high is None or after.ci_low is None or after.ci_high is None:
        return None
    return before.ci_low <= after.ci_high and after.ci_low <= before.ci_high
