"""The key results of a project as its seeds keep them: CSV files, checked cell by cell, then read like a proposal."""

import csv
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from metrics_py.okr._kept_tables import TABLES, KeptTable
from metrics_py.okr._lint_rules import finding
from metrics_py.okr._proposal import Proposal, ProposedKeyResult, ProposedObjective
from metrics_py.okr.findings import Finding

KEY_RESULTS = "key_results.csv"
MIDPOINT_SLACK_DAYS = 14
"""How far from the middle of its period a target may still be changed."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One row and the line it starts in; empty cells are left out."""

    line: int
    cells: dict[str, str]

    def day(self, name: str) -> date | None:
        """The date in a cell, where there is one."""
        try:
            return date.fromisoformat(self.cells.get(name, ""))
        except ValueError:
            return None

    def amount(self, name: str) -> float | None:
        """The number in a cell, where there is one."""
        try:
            return float(self.cells.get(name, ""))
        except ValueError:
            return None


def is_kept(folder: Path) -> bool:
    """Whether a folder holds a project's key results."""
    return (folder / KEY_RESULTS).is_file()


def read_kept(folder: Path) -> list[Proposal]:
    """One proposal per file, with the findings in its cells; that of the key results holds the objectives."""
    beside = folder.parent / "goals"
    places = {
        name: place
        for name in (*TABLES, "goals", "metric_cards")
        if (place := next((path for path in (folder / f"{name}.csv", beside / f"{name}.csv") if path.is_file()), None))
    }
    proposals = {name: Proposal(place.as_posix()) for name, place in places.items()}
    rows = {name: _rows(places[name], TABLES.get(name), proposals[name]) for name in places}
    for name, table in TABLES.items():
        if name not in places:
            if table.is_needed:
                missing = Proposal((folder / f"{name}.csv").as_posix())
                missing.findings.append(
                    finding(
                        "seed-column", name, 1, "the file is missing", (), f"add it with {', '.join(table.columns)}"
                    )
                )
                proposals[name], rows[name] = missing, []
            continue
        proposals[name].findings += _cells(table, rows[name])
        proposals[name].findings += _references(table, rows[name], rows)
    key_results = rows["key_results"]
    proposals["key_results"].findings += _plans(key_results)
    if "key_result_milestones" in rows:
        proposals["key_result_milestones"].findings += _milestones(rows["key_result_milestones"], key_results)
    proposals["key_results"].objectives += _objectives(rows, places.get("objectives", folder))
    if "initiatives" in rows:
        proposals["initiatives"].initiatives |= {
            row.cells["initiative_id"]: row.line for row in rows["initiatives"] if "initiative_id" in row.cells
        }
    return list(proposals.values())


def _rows(path: Path, table: KeptTable | None, proposal: Proposal) -> list[KeptRow]:
    rows: list[KeptRow] = []
    header: list[str] = []
    started = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            for cells in reader:
                line, started = started, reader.line_num + 1
                if not header:
                    header = [cell.strip() for cell in cells]
                    proposal.findings += _header(header, table, path.stem) if table else ()
                elif any(cell.strip() for cell in cells) and len(cells) != len(header):
                    proposal.refuse(line, f"{len(cells)} cells under {len(header)} columns", "quote cells with a comma")
                elif any(cell.strip() for cell in cells):
                    filled = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
                    rows.append(KeptRow(line, filled))
    except (csv.Error, UnicodeDecodeError) as error:
        proposal.refuse(started, f"the file cannot be read as CSV in UTF-8: {error}", "check its quotes and encoding")
    return rows


def _header(header: list[str], table: KeptTable, subject: str) -> Iterator[Finding]:
    for name in header:
        if name not in table.columns:
            close = difflib.get_close_matches(name, table.columns, 1)
            way_out = f"write {close[0]}" if close else f"use one of {', '.join(table.columns)}"
            yield finding("seed-column", subject, 1, f"there is no column {name!r}", (name,), way_out)
    for name in table.columns:
        if name not in header:
            yield finding("seed-column", subject, 1, f"the column {name!r} is missing", (), f"add {name} to the header")


def _cells(table: KeptTable, rows: list[KeptRow]) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        subject = _subject(table, row)
        for name in table.filled:
            if name not in row.cells:
                yield finding("seed-value", subject, row.line, f"field {name} is empty", (), f"fill in {name}")
        for name in table.dates:
            if name in row.cells and row.day(name) is None:
                yield _bad(subject, row, name, "a date like 2025-07-01")
        for name, (low, high) in table.ranges.items():
            value = row.amount(name)
            if name in row.cells and (value is None or not low <= value <= high):
                yield _bad(subject, row, name, _range_words(low, high))
        for name, allowed in table.choices.items():
            if row.cells.get(name, allowed[0]) not in allowed:
                yield _bad(subject, row, name, f"one of {', '.join(allowed)}")
        key = tuple(row.cells.get(name, "") for name in table.key)
        if key in seen:
            stated = " and ".join(f"{name} {value}" for name, value in zip(table.key, key, strict=True))
            message = f"{stated} stands in line {seen[key]} already"
            yield finding("seed-duplicate", subject, row.line, message, (), "keep one of the two rows")
        seen.setdefault(key, row.line)


def _references(table: KeptTable, rows: list[KeptRow], every: dict[str, list[KeptRow]]) -> Iterator[Finding]:
    for name, (other, column) in table.refers_to.items():
        if other not in every:
            continue
        known = sorted({row.cells[column] for row in every[other] if column in row.cells})
        for row in rows:
            stated = row.cells.get(name)
            if stated is not None and stated not in known:
                close = difflib.get_close_matches(stated, known, 1)
                yield finding(
                    "seed-reference",
                    _subject(table, row),
                    row.line,
                    f"field {name} names {stated!r}, which {other}.csv does not hold",
                    (stated,),
                    f"write {close[0]}" if close else f"add it to {other}.csv",
                )


def _plans(key_results: list[KeptRow]) -> Iterator[Finding]:
    for row in key_results:
        name = row.cells.get("key_result_id", "a key result")
        start, end = row.day("period_start"), row.day("period_end")
        if start is None or end is None:
            continue
        if start >= end:
            message = f"field period_end is {end} and period_start {start}"
            yield finding("seed-period", name, row.line, message, (), "period_end is the day after the last day")
            continue
        if row.cells.get("metric_id") and not row.cells.get("reading"):
            yield finding("seed-value", name, row.line, "field reading is empty", (), "name the reading of the metric")
        changed_on = row.day("target_changed_on")
        if row.cells.get("original_target") is None and changed_on is None:
            continue
        if not row.cells.get("target_change_reason") or row.amount("original_target") is None or changed_on is None:
            message = "a changed target has its original_target, target_changed_on and target_change_reason"
            yield finding("target-change-reason", name, row.line, message, (), "fill in all three")
            continue
        midpoint = start + (end - start) / 2
        if abs((changed_on - midpoint).days) > MIDPOINT_SLACK_DAYS:
            yield finding(
                "target-change-midpoint",
                name,
                row.line,
                f"field target_changed_on is {changed_on}; the middle of the period is {midpoint}",
                (),
                "change a target once, at the midpoint review, or leave it and say so in the retrospective",
            )


def _milestones(milestones: list[KeptRow], key_results: list[KeptRow]) -> Iterator[Finding]:
    periods = {row.cells.get("key_result_id"): (row.day("period_start"), row.day("period_end")) for row in key_results}
    for row in milestones:
        due_on = row.day("due_on")
        start, end = periods.get(row.cells.get("key_result_id"), (None, None))
        if due_on and start and end and not start < due_on <= end:
            message = f"field due_on is {due_on}, outside the period {start} to {end}"
            name = row.cells.get("key_result_id", "a milestone")
            yield finding("seed-period", name, row.line, message, (), "move it inside")


def _objectives(rows: dict[str, list[KeptRow]], place: Path) -> Iterator[ProposedObjective]:
    linked: dict[str, list[str]] = {}
    for effect in rows.get("initiative_effects", []):
        linked.setdefault(effect.cells.get("key_result_id", ""), []).append(effect.cells.get("initiative_id", ""))
    by_id = {row.cells.get("key_result_id", ""): row for row in rows["key_results"]}
    for objective in rows["objectives"]:
        held = [
            _key_result(row, _initiatives(row, by_id, linked))
            for row in rows["key_results"]
            if row.cells.get("objective_id") == objective.cells.get("objective_id") and "name" in row.cells
        ]
        text = objective.cells.get("objective", "")
        if text:
            yield ProposedObjective(text, objective.line, tuple(held), place.as_posix())


def _initiatives(row: KeptRow, by_id: dict[str, KeptRow], linked: dict[str, list[str]]) -> tuple[str, ...]:
    """Its own initiatives, else those of the key result it is a part of."""
    seen: set[str] = set()
    while (name := row.cells.get("key_result_id", "")) not in seen:
        if name in linked:
            return tuple(dict.fromkeys(linked[name]))
        seen.add(name)
        row = by_id.get(row.cells.get("parent_key_result_id", ""), row)
    return ()


def _key_result(row: KeptRow, initiatives: tuple[str, ...]) -> ProposedKeyResult:
    details: dict[str, Any] = {
        name: value for name in ("baseline", "target", "weight") if (value := row.amount(name)) is not None
    }
    details |= {name: row.cells[name] for name in ("unit", "direction", "goal_type") if name in row.cells}
    return ProposedKeyResult(
        row.cells["name"],
        row.line,
        row.cells.get("measure"),
        details,
        initiatives,
        period=f"{row.cells.get('period_start')} to {row.cells.get('period_end')}",
    )


def _subject(table: KeptTable, row: KeptRow) -> str:
    return " ".join(row.cells[name] for name in table.key if name in row.cells) or "a row without a key"


def _bad(subject: str, row: KeptRow, name: str, allowed: str) -> Finding:
    message = f"field {name} must be {allowed}; found {row.cells[name]!r}"
    return finding("seed-value", subject, row.line, message, (row.cells[name],), f"correct {name}")


def _range_words(low: float, high: float) -> str:
    if low == 0 and high == 1:
        return "a number from 0 to 1"
    if low == 0:
        return "a number from 0"
    return "a number above 0" if low > 0 else "a number"
