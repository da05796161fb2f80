"""What is published about a subject, as facts that a number in free text can be held against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from metrics_py.reports.claims import Claim
from metrics_py.reports.figures import change, day, figure
from metrics_py.reports.published import Cell, Published, Row

DISTANCES = ("gap", "change", "pace")
"""Roles that are differences: between shares they are in percentage points."""

_VALUE_ROLES = {
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
    "periods_held": "count",
    "periods_evaluated": "count",
}
_KEY_RESULT_ROLES = {
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
}
_KEY_RESULT_SHARES = ("progress", "expected_progress", "p_hit", "matured_share")
_DATES = ("readable_on", "current_on", "evaluated_on", "period_start")


@dataclass(frozen=True, slots=True)
class Fact:
    """A published number or date, what it is of, and when.

    `thresholds` are the values that a rounding of it must not cross; `periods` the names of the periods it is of.
    """

    value: float | date
    unit: str
    role: str
    cells: tuple[Cell, ...]
    subject: str
    periods: frozenset[str] = field(default_factory=frozenset)
    is_current: bool = True
    thresholds: tuple[float, ...] = ()

    def in_unit_of(self, claim: Claim) -> float | None:
        """The value in the unit that a claim is written in; null where the units do not fit."""
        if isinstance(self.value, date) or claim.kind != "number":
            return None
        factor = _factor(self.unit, claim, is_distance=self.role in DISTANCES)
        return None if factor is None else self.value * factor

    @property
    def shown(self) -> str:
        """The value as a document would show it."""
        if isinstance(self.value, date):
            return day(self.value)
        if self.role in DISTANCES:
            return change(self.value, self.unit)
        return figure(self.value, self.unit, against=self.thresholds)


class Facts:
    """The facts of a snapshot, found by the metric, goal or key result that a sentence names."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self._known: dict[tuple[str, str], list[Fact]] = {}

    @cached_property
    def names(self) -> Mapping[str, list[Cell]]:
        """Names that hold digits, such as "Relationship NPS rises from 6 to 20", with the cells they stand in."""
        found: dict[str, list[Cell]] = {}
        for table, key, column in (
            ("dim_key_results", "key_result_id", "key_result_name"),
            ("dim_goals", "goal_id", "goal_name"),
            ("initiative_links", "link_id", "name"),
        ):
            for row in self._rows(table, key):
                if row.get(column) and re.search(r"\d|\b[a-z]+\b", row[column]):
                    found.setdefault(row[column], []).append(row.cell(column))
        return found

    @cached_property
    def subjects(self) -> Mapping[str, tuple[str, str]]:
        """What a sentence may call a subject: words in lower case, with the kind and id of the subject."""
        words: dict[str, tuple[str, str]] = {}
        for row in self._rows("dim_metrics", "metric_id"):
            words[row["metric_id"].lower()] = words[row["name"].lower()] = ("metric", row["metric_id"])
        words.setdefault("annual recurring revenue", ("metric", "arr"))
        for row in self._rows("dim_goals", "goal_id"):
            words[row["goal_id"].lower()] = words[row["goal_name"].lower()] = ("metric", row["metric_id"])
        for row in self._rows("dim_key_results", "key_result_id"):
            words[row["key_result_id"].lower()] = ("key_result", row["key_result_id"])
            words.setdefault(row["key_result_name"].lower(), ("key_result", row["key_result_id"]))
        return words

    @cached_property
    def units(self) -> Mapping[str, str]:
        """What a sentence may call a squad or a person, in lower case, with its id."""
        people = self._rows("dim_people", "person_id")
        words = {row["display_name"].lower(): row["person_id"] for row in people}
        words |= {row["person_id"].lower(): row["person_id"] for row in people}
        return words | {str(row["squad_id"]).lower(): row["squad_id"] for row in people if row["squad_id"]}

    def of(self, kind: str, subject: str, unit: str = "") -> list[Fact]:
        """The facts of a subject, for the company or for one squad or person.

        Args:
            kind: `metric` or `key_result`.
            subject: its id.
            unit: a squad_id or person_id; empty for the company. A key result is what it is, whoever is named.
        """
        place = (f"{kind}:{subject}", unit)
        if place not in self._known:
            made = self._of_key_result(subject) if kind == "key_result" else self._of_metric(subject, unit)
            self._known[place] = list(made)
        return self._known[place]

    def _rows(self, table: str, key: str) -> list[Row]:
        return self.published.rows(table, by=[key]) if self.published.has(table) else []

    @cached_property
    def _quarters(self) -> Mapping[date, str]:
        if not self.published.has("dim_dates"):
            return {}
        return dict(self.published.frame("dim_dates").select("date_on", "fiscal_quarter").iter_rows())

    def _periods(self, start: date, end: date | None) -> frozenset[str]:
        last = (end or start + timedelta(days=1)) - timedelta(days=1)
        names = {f"{start:%Y-%m}", start.isoformat()} if (last - start).days < 32 else set()
        if (last - start).days < 100:
            # A survey wave is called after the quarter it starts in.
            names.add(self._quarters.get(start) or "")
        elif 150 < (last - start).days < 190:
            first = self._quarters.get(start) or ""
            names.add(f"{first[:4]}H{1 if first.endswith('Q1') else 2}")
        if (last - start).days > 360:
            names.add(str(start.year))
        return frozenset(name for name in names if name)

    def _of_metric(self, metric: str, unit: str) -> Iterator[Fact]:
        keys = ["goal_id", "org_level", "org_unit_id"]
        for row in self._table("scoreboard", keys, metric, unit):
            yield from self._of_row(row, f"{metric} {unit}".strip(), _VALUE_ROLES, is_current=True)
            if row["value"] is not None and row["previous_value"] is not None:
                yield Fact(
                    row["value"] - row["previous_value"],
                    row["unit"],
                    "change",
                    (row.cell("value"), row.cell("previous_value")),
                    metric,
                )
        keys = ["metric_id", "reading", "org_level", "org_unit_id", "period_kind", "period_start"]
        rows = self._table("metric_values", keys, metric, unit)
        newest: dict[tuple[str, str], date] = {}
        for row in rows:
            if row["value"] is not None:
                series = (row["reading"], row["period_kind"])
                newest[series] = max(newest.get(series, date.min), row["period_start"])
        for row in rows:
            is_newest = newest.get((row["reading"], row["period_kind"])) == row["period_start"]
            yield from self._of_row(row, f"{metric} {unit}".strip(), _VALUE_ROLES, is_current=is_newest)

    def _table(self, table: str, keys: list[str], metric: str, unit: str) -> list[Row]:
        if not self.published.has(table):
            return []
        level = "squad" if unit and "@" not in unit else "person" if unit else "company"
        where = {"metric_id": metric, "org_level": level}
        if unit:
            where["squad_id" if level == "squad" else "person_id"] = unit
        return self.published.rows(table, by=keys, where=where)

    def _of_key_result(self, subject: str) -> Iterator[Fact]:
        rows = self.published.rows(
            "key_result_status", by=["key_result_id", "evaluated_on"], where={"key_result_id": subject}
        )
        for row in rows:
            is_current = bool(row["is_latest"])
            yield from self._of_row(row, subject, _KEY_RESULT_ROLES, is_current=is_current)
            for one, other, role in (
                ("target", "current_value", "gap"),
                ("current_value", "baseline", "change"),
                ("target", "baseline", "change"),
            ):
                if row[one] is not None and row[other] is not None:
                    cells = (row.cell(one), row.cell(other))
                    yield Fact(
                        row[one] - row[other], row["unit"] or "", role, cells, subject,
                        self._when(row), is_current,
                    )  # fmt: skip

    def _when(self, row: Row) -> frozenset[str]:
        if "evaluated_on" in row:
            moments: Iterable[Any] = (row["evaluated_on"], row.get("current_on"))
            return frozenset(name for moment in moments if moment for name in self._periods(moment, None))
        return self._periods(row["period_start"], row.get("period_end"))

    def _of_row(self, row: Row, subject: str, roles: Mapping[str, str], *, is_current: bool) -> Iterator[Fact]:
        periods = self._when(row)
        target = row.get("target")
        for column, role in roles.items():
            value = row.get(column)
            if value is None:
                continue
            unit = row["unit"] or ""
            if column in _KEY_RESULT_SHARES:
                unit = "share"
            elif role == "count":
                unit = "count"
            is_judged = role in ("value", "pooled", "forecast") and target is not None
            thresholds = (target,) if is_judged else (0.3, 0.7) if role == "chance" else ()
            is_now = is_current and role != "previous"
            yield Fact(float(value), unit, role, (row.cell(column),), subject, periods, is_now, thresholds)
        for column in _DATES:
            if row.get(column) is not None:
                yield Fact(row[column], "date", column, (row.cell(column),), subject, periods, is_current)
        if row.get("period_end") is not None:
            last = row["period_end"] - timedelta(days=1)
            yield Fact(last, "date", "period_end", (row.cell("period_end"),), subject, periods, is_current)


def _factor(unit: str, claim: Claim, *, is_distance: bool) -> float | None:
    written = claim.unit
    if unit == "share":
        if is_distance:
            return 100 if written in ("pp", "points") else None
        if written == "percent":
            return 100
        return 1 if written == "" and abs(claim.value or Decimal(2)) <= 1 else None
    if unit in ("%", "percent", "pp"):
        allowed = ("pp", "points") if is_distance or unit == "pp" else ("percent", "")
        return 1 if written in allowed else None
    if unit == "usd":
        return 1 if written in ("usd", "") else None
    if unit in ("nps", "score", ""):
        return 1 if written in ("", "points") else None
    if unit == "count":
        return None if written in ("percent", "pp", "usd") else 1
    return 1 if written in (unit, "") else None
