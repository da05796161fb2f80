"""Rows of published tables as facts: which column says what, in which unit, of which period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from metrics_py.reports.fact import Fact
from metrics_py.reports.periods import Names, names_of
from metrics_py.reports.published import Cell, Row

VALUE_ROLES = {
    "value": "value",
    "target": "target",
    "expected": "expected",
    "ci_low": "interval",
    "ci_high": "interval",
    "previous_value": "previous",
    "n": "count",
    "numerator": "count",
    "denominator": "count",
    "goal_period_value": "pooled",
    "gap": "gap",
    "periods_held": "held",
    "periods_evaluated": "held",
    "matured_share": "matured",
}
KEY_RESULT_ROLES = {
    "current_value": "value",
    "target": "target",
    "baseline": "baseline",
    "forecast_value": "forecast",
    "forecast_low_80": "interval",
    "forecast_high_80": "interval",
    "progress": "progress",
    "expected_progress": "expected",
    "p_hit": "chance",
    "pace_per_week": "pace",
    "required_per_week": "pace",
    "best_per_week": "pace",
    "n_points": "count",
    "matured_share": "matured",
    "pace_ratio": "ratio",
}
_SHARES = ("progress", "expected_progress", "p_hit", "matured_share", "pace_ratio")
_DATES = ("readable_on", "current_on", "evaluated_on", "period_start")


class FactMaker:
    """Makes facts of rows.

    Args:
        quarters: the fiscal quarter of each day.
        headlines: the headline reading of each metric.
        directions: `up` or `down`, by id of metric and key result.
    """

    def __init__(
        self, quarters: Mapping[date, str], headlines: Mapping[str, str], directions: Mapping[str, str | None]
    ) -> None:
        self._quarters, self._headlines, self._directions = quarters, headlines, directions
        self._spans: dict[tuple[date, date | None, bool], Names] = {}

    def names(self, row: Row) -> Names:
        """What the period of a row is called."""
        if "evaluated_on" in row:
            moments = [
                names_of(day, None, self._quarters) for day in (row["evaluated_on"], row.get("current_on")) if day
            ]
            own = frozenset(name for names in moments for name in names.own)
            return Names(own, frozenset(name for names in moments for name in names.wider))
        span = (row["period_start"], row.get("period_end"), row.get("period_kind") == "wave")
        if span not in self._spans:
            self._spans[span] = names_of(span[0], span[1], self._quarters, is_wave=span[2])
        return self._spans[span]

    def of_row(self, row: Row, subject: str, roles: Mapping[str, str], *, is_current: bool) -> Iterator[Fact]:
        """The facts that columns of a row say by themselves, each in the role its column has in `roles`, and dates."""
        target = row.get("target")
        for column, role in roles.items():
            value = row.get(column)
            if value is None:
                continue
            is_judged = role in ("value", "pooled", "forecast") and target is not None
            thresholds = (target,) if is_judged else (0.3, 0.7) if role == "chance" else ()
            fact = self.fact(
                row, float(value), role, (row.cell(column),), subject, is_current=is_current and role != "previous"
            )
            unit = "share" if column in _SHARES else {"count": "count", "held": "periods"}.get(role, fact.unit)
            is_rising = True if role == "chance" else fact.is_rising
            fact = replace(fact, unit=unit, thresholds=thresholds, is_rising=is_rising)
            yield self._of_goal_period(row, fact) if role == "pooled" else fact
        for column in _DATES:
            if row.get(column) is not None:
                fact = self.fact(row, row[column], column, (row.cell(column),), subject, is_current=is_current)
                yield replace(fact, unit="date")
        for column in ("period_end", "override_expires_on"):
            if row.get(column) is not None:
                last, cells = row[column] - timedelta(days=1), (row.cell(column),)
                fact = self.fact(row, last, column, cells, subject, is_current=is_current)
                yield replace(fact, unit="date")

    def _of_goal_period(self, row: Row, fact: Fact) -> Fact:
        start, end = row.get("goal_period_start"), row.get("goal_period_end")
        if start is None:
            return fact
        names = names_of(start, end, self._quarters)
        return replace(fact, periods=names.own, wider=names.wider, is_current=False)

    def fact(
        self, row: Row, value: float | date, role: str, cells: tuple[Cell, ...], subject: str, *, is_current: bool
    ) -> Fact:
        """One fact of a row, in the row's unit and of its period."""
        names = self.names(row)
        reading = row.get("reading") or ""
        headline = self._headlines.get(subject, "")
        return Fact(
            value,
            row.get("unit") or "",
            role,
            cells,
            subject,
            periods=names.own,
            wider=names.wider,
            is_current=is_current,
            reading=reading,
            is_headline=not reading or not headline or reading == headline,
            is_rising=self._is_rising(row),
        )

    def _is_rising(self, row: Row) -> bool | None:
        metric, reading = row.get("metric_id"), row.get("reading")
        if "key_result_id" not in row and reading != self._headlines.get(metric or "") and row.get("unit") == "share":
            # The card speaks of the headline: CIRCT is better when lower, and its share within 45 days is not.
            return True
        direction = self._directions.get(row.get("key_result_id") or metric or "")
        return None if direction is None else direction == "up"
