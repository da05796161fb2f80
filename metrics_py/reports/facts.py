"""What is published about a subject, as facts that a number in free text can be held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from metrics_py.reports.fact import LAUNCHES, Fact
from metrics_py.reports.fact_maker import KEY_RESULT_ROLES, VALUE_ROLES, FactMaker
from metrics_py.reports.forms import COUNT_WORDS
from metrics_py.reports.key_results import LEVELS
from metrics_py.reports.published import ROWS, Cell, Published, Row

TALLY = "tally of "
"""Roles of counts of key results: `tally of running`, `tally of off_track`."""

COMPANY = "company"


class Facts:
    """The facts of a snapshot, by the metric, key result or initiative that they are about."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self._known: dict[tuple[str, str], list[Fact]] = {}

    @cached_property
    def quarters(self) -> Mapping[date, str]:
        """The fiscal quarter of each day."""
        if not self.published.has("dim_dates"):
            return {}
        return dict(self.published.frame("dim_dates").select("date_on", "fiscal_quarter").iter_rows())

    @cached_property
    def headlines(self) -> Mapping[str, str]:
        """The headline reading of each metric whose card names one."""
        cards = self.rows("dim_metrics", "metric_id")
        return {row["metric_id"]: row["headline_reading"] for row in cards if row.get("headline_reading")}

    @cached_property
    def running(self) -> frozenset[str]:
        """Ids of the key results whose period is not over."""
        newest = (row for rows in self._statuses.values() for row in rows if row["is_latest"])
        return frozenset(row["key_result_id"] for row in newest if row["evaluated_on"] < row["period_end"])

    def of(self, kind: str, subject: str, unit: str = "") -> list[Fact]:
        """The facts of a subject, for the company or for one squad or person.

        Args:
            kind: `metric`, `key_result`, `initiative`, or `tally` for counts of key results.
            subject: its id.
            unit: a squad_id or person_id; empty or `company` for the company. Only a metric has other facts for another
                unit; where it has none, those of the company are given.
        """
        unit = unit if kind == "metric" and unit != COMPANY else ""
        place = (f"{kind}:{subject}", unit)
        if place not in self._known:
            made = {
                "metric": lambda: self._of_metric(subject, unit),
                "key_result": lambda: self._of_key_result(subject),
                "initiative": lambda: self._of_initiative(subject),
                "tally": self._of_all_key_results,
            }[kind]()
            self._known[place] = list(made)
        found = self._known[place]
        return self.of(kind, subject) if unit and not found else found

    @cached_property
    def today(self) -> Mapping[date, Cell]:
        """The day the snapshot is as of and the one on which key results were last evaluated, with their cells."""
        newest = [row for rows in self._statuses.values() for row in rows if row["is_latest"]]
        found = {row["evaluated_on"]: row.cell("evaluated_on") for row in newest}
        last = {max(found): found[max(found)]} if found else {}
        as_of = date.fromisoformat(self.published.as_of[:10])
        known = {as_of: Cell("dim_dates", (("date_on", as_of),), "date_on")} if as_of in self.quarters else {}
        return known | last

    @cached_property
    def statuses(self) -> Mapping[tuple[str, str], list[Cell]]:
        """The cells that hold the status of each key result, a person's override beside it, and of each goal."""
        found: dict[tuple[str, str], list[Cell]] = {}
        for key, rows in self._statuses.items():
            columns = [(row, column) for row in rows if row["is_latest"] for column in ("status", "override_status")]
            found["key_result", key] = [row.cell(column) for row, column in columns if row.get(column)]
        if self.published.has("scoreboard"):
            keys = ["goal_id", "org_level", "org_unit_id"]
            for row in self.published.rows("scoreboard", by=keys, where={"org_level": COMPANY}):
                found.setdefault(("metric", row["metric_id"]), []).append(row.cell("status"))
        return found

    def reasons(self, key_result: str) -> list[Cell]:
        """The cells in which the newest verdict on a key result is explained."""
        return [row.cell("status_reason") for row in self._statuses.get(key_result, []) if row["is_latest"]]

    def metric_of(self, key_result: str) -> tuple[str, str] | None:
        """The metric that a key result is about, and the squad or person it is of (empty: the company)."""
        row = self._agreed.get(key_result)
        if row is None or not row.get("metric_id"):
            return None
        unit = {"squad": "squad_id", "person": "owner_id"}.get(row.get("org_level") or "")
        return row["metric_id"], str(row[unit]) if unit else ""

    def rows(self, table: str, key: str) -> list[Row]:
        """The rows of a table, none where it is not published."""
        return self.published.rows(table, by=[key]) if self.published.has(table) else []

    def _of_metric(self, metric: str, unit: str) -> Iterator[Fact]:
        keys = ["goal_id", "org_level", "org_unit_id"]
        for row in self._table("scoreboard", keys, metric, unit):
            yield from self._make.of_row(row, metric, VALUE_ROLES, is_current=True)
            if row["value"] is not None and row["previous_value"] is not None:
                cells = (row.cell("value"), row.cell("previous_value"))
                yield self._make.fact(
                    row, row["value"] - row["previous_value"], "change", cells, metric, is_current=True
                )
        keys = ["metric_id", "reading", "org_level", "org_unit_id", "period_kind", "period_start"]
        series: dict[tuple[str, str], list[Row]] = {}
        for row in self._table("metric_values", keys, metric, unit):
            series.setdefault((row["reading"], row["period_kind"]), []).append(row)
        for rows in series.values():
            yield from self._of_series(sorted(rows, key=lambda row: row["period_start"]), metric)

    def _of_series(self, rows: Sequence[Row], metric: str) -> Iterator[Fact]:
        read = [row for row in rows if row["value"] is not None]
        last = {name: row for row in read for name in self._make.names(row).wider}
        for row in rows:
            ends = frozenset(name for name, end in last.items() if end is row)
            is_newest = bool(read) and read[-1] is row and row["period_kind"] != "goal_period"
            for fact in self._make.of_row(row, metric, VALUE_ROLES, is_current=is_newest):
                yield replace(fact, ends=ends)
            if row["value"] is not None and row["target"] is not None:
                cells = (row.cell("value"), row.cell("target"))
                gap = row["value"] - row["target"]
                yield replace(self._make.fact(row, gap, "gap", cells, metric, is_current=is_newest), ends=ends)
        for before, row in pairwise(read):
            ends = frozenset(name for name, end in last.items() if end is row)
            cells = (row.cell("value"), before.cell("value"))
            moved = row["value"] - before["value"]
            fact = self._make.fact(row, moved, "change", cells, metric, is_current=row is read[-1])
            yield replace(fact, ends=ends)

    def _table(self, table: str, keys: list[str], metric: str, unit: str) -> list[Row]:
        if not self.published.has(table):
            return []
        level = "squad" if unit and "@" not in unit else "person" if unit else "company"
        where = {"metric_id": metric, "org_level": level}
        if unit:
            where["squad_id" if level == "squad" else "person_id"] = unit
        return self.published.rows(table, by=keys, where=where)

    def _of_key_result(self, subject: str) -> Iterator[Fact]:
        rows = self._statuses.get(subject, [])
        rows = sorted(rows, key=lambda row: row["evaluated_on"])
        last = {name: row for row in rows for name in self._make.names(row).wider}
        for row in rows:
            is_current = bool(row["is_latest"])
            yield from self._since_a_week_before(row, rows, subject)
            ends = frozenset(name for name, end in last.items() if end is row)
            for fact in self._make.of_row(row, subject, KEY_RESULT_ROLES, is_current=is_current):
                yield replace(fact, ends=ends)
            for one, other, role in (
                ("current_value", "target", "gap"),
                ("current_value", "baseline", "change"),
                ("target", "baseline", "change"),
            ):
                if row[one] is not None and row[other] is not None:
                    cells = (row.cell(one), row.cell(other))
                    fact = self._make.fact(row, row[one] - row[other], role, cells, subject, is_current=is_current)
                    yield replace(fact, ends=ends)

    def _since_a_week_before(self, row: Row, rows: Sequence[Row], subject: str) -> Iterator[Fact]:
        week_before = row["evaluated_on"] - timedelta(days=7)
        before = next((one for one in reversed(rows) if one["evaluated_on"] <= week_before), None)
        if before is not None and row["current_value"] is not None and before["current_value"] is not None:
            cells = (row.cell("current_value"), before.cell("current_value"))
            moved = row["current_value"] - before["current_value"]
            yield self._make.fact(row, moved, "change", cells, subject, is_current=bool(row["is_latest"]))

    def _of_initiative(self, subject: str) -> Iterator[Fact]:
        for row in self.rows("initiative_links", "link_id"):
            if row["initiative_id"] == subject:
                for column in LAUNCHES:
                    if row[column] is not None:
                        yield Fact(row[column], "date", column, (row.cell(column),), subject)

    def _of_all_key_results(self) -> Iterator[Fact]:
        agreed = self._agreed
        running = [
            row
            for key, rows in self._statuses.items()
            for row in rows
            if row["is_latest"] and key in agreed and key in self.running
        ]
        for scope in (LEVELS[:2], LEVELS, *((level,) for level in LEVELS)):
            held = [row for row in running if agreed[row["key_result_id"]].get("org_level", "company") in scope]
            groups = {"running": held} | {name: [row for row in held if row["status"] == name] for name in COUNT_WORDS}
            for word, has_plan in (("with", True), ("without", False)):
                groups[f"off_track {word}"] = [
                    row for row in groups["off_track"] if bool(row.get("has_recovery_plan")) is has_plan
                ]
            for status, counted in groups.items():
                cells = tuple(Cell(row.table, row.key, ROWS) for row in counted)
                if cells:
                    yield Fact(len(cells), "count", f"{TALLY}{status}", cells, "key results")

    @cached_property
    def _statuses(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        if self.published.has("key_result_status"):
            for row in self.published.rows("key_result_status", by=["key_result_id", "evaluated_on"]):
                found.setdefault(row["key_result_id"], []).append(row)
        return found

    @cached_property
    def _make(self) -> FactMaker:
        cards = {row["metric_id"]: row.get("direction") for row in self.rows("dim_metrics", "metric_id")}
        agreed = {key: row.get("direction") for key, row in self._agreed.items()}
        return FactMaker(self.quarters, self.headlines, cards | agreed)

    @cached_property
    def _agreed(self) -> Mapping[str, Row]:
        return {row["key_result_id"]: row for row in self.rows("dim_key_results", "key_result_id")}
