"""Why a row's part in a value changed: what landed about it since the earlier publish, else time, else a definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

import duckdb
import polars as pl

Cause = Literal[
    "new_period",
    "late_row",
    "corrected_row",
    "deleted_row",
    "retagged_insight",
    "moved_owner",
    "changed_definition",
    "changed_target",
    "matured",
]

CAUSES: Mapping[str, str] = {
    "new_period": "a period, unit or reading that had no value in the earlier publish",
    "late_row": "a record of something that happened before the earlier publish, which landed after it",
    "corrected_row": "a record that was known at the earlier publish and says something else now",
    "deleted_row": "a record that was known at the earlier publish and is gone from the source",
    "retagged_insight": "a tag or a link of a note that was known at the earlier publish was added or taken away",
    "moved_owner": "the row counts for another person or squad than in the earlier publish",
    "changed_definition": "the definition, the code or a setting that the value rests on was changed",
    "changed_target": "the target of the goal was changed",
    "matured": "time passed: it happened, or became old enough to count, after the earlier publish",
}

# Reasons for leaving a row out that time alone ends.
WAITING = frozenset({"not_matured_yet", "not_launched_yet", "too_young", "not_shipped"})
RETAGGED = frozenset({"untagged", "unlinked"})
TAGGING = ("tag", "link")

# Which records decide, the first that changed: when a thing comes in or goes out, and when what it adds changes.
_SHIP = ("release", "card_status")
_EVIDENCE = ("interview_override", "interview_link", "interview", "interview_property", "brief", "brief_page")
_ROLES: Mapping[tuple[str, bool], Sequence[str]] = {
    ("ddqs", True): (*_SHIP, "gate_review", *_EVIDENCE, "card"),
    ("ddqs", False): (*_EVIDENCE, "gate_review", *_SHIP),
    ("ploar", True): (*_SHIP, "kpi_definition", "kpi_reading", "gate_review", "card"),
    ("ploar", False): ("kpi_reading", "kpi_definition", "gate_review", *_SHIP),
    ("circt", True): (*TAGGING, "launch", "note", "webhook"),
    ("circt", False): (*TAGGING, "launch", "note", "webhook"),
}
_LAUNCHED = ("launch", *TAGGING, "note", "webhook")
_OTHERS = ("answer", "draw", "amount", "last_amount")


class Change(NamedTuple):
    """A change of one raw record behind a row since the earlier publish."""

    role: str
    kind: Literal["new", "corrected", "deleted"]
    happened_at: datetime | None
    source_file: str | None
    source_row: int | None


class Verdict(NamedTuple):
    """A cause and the change of a record that shows it, if one does."""

    cause: Cause
    change: Change | None


@dataclass(frozen=True)
class Moved:
    """A row whose part in a value changed, as far as its cause depends on it."""

    metric_id: str
    period_kind: str
    row_kind: str
    row_id: str
    was_in: bool
    is_in: bool
    old_reason: str | None
    new_reason: str | None
    event_on: date | None
    is_reassigned: bool
    is_mix: bool


@dataclass(frozen=True)
class Between:
    """What is known about the time between two publishes."""

    old_as_of: datetime
    new_as_of: datetime
    is_redefined: bool
    """Whether code, seeds (other than goals) or a definition version differ."""
    changes: Mapping[tuple[str, str], Sequence[Change]]

    def cause_of(self, row: Moved) -> Verdict | None:
        """The cause; None for a row whose weight alone changed, which is moved by the other rows of its value."""
        if row.is_reassigned:
            return Verdict("moved_owner", self._first(row, ("owner",)))
        if row.row_kind in ("insight", "note") and row.new_reason in RETAGGED and row.old_reason != row.new_reason:
            return Verdict("retagged_insight", None)
        change = self._first(row, _roles(row))
        if change is not None and not self._is_awaited(row, change):
            return Verdict(self._of_record(row, change), change)
        if row.is_mix:
            return None
        if self._has_time_passed(row):
            return Verdict("matured", change)
        return Verdict("changed_definition" if self.is_redefined or not self._is_later else "matured", None)

    @property
    def _is_later(self) -> bool:
        return self.new_as_of > self.old_as_of

    def _first(self, row: Moved, roles: Sequence[str]) -> Change | None:
        """The change that decides: by role in the order given, a removal before a correction before a new record."""
        order = {"deleted": 0, "corrected": 1, "new": 2}
        found = [change for change in self.changes.get((row.row_kind, row.row_id), ()) if change.role in roles]
        if any(change.role == "note" and change.kind == "new" for change in found):
            # All tags and links of a new note are new with it.
            found = [change for change in found if change.role not in TAGGING]
        return min(
            found,
            key=lambda change: (
                roles.index(change.role),
                order[change.kind],
                # The earliest happening shows best that a record is late.
                change.happened_at or datetime.min,
                change.source_file or "",
                change.source_row or 0,
            ),
            default=None,
        )

    def _of_record(self, row: Moved, change: Change) -> Cause:
        if change.role in TAGGING:
            return "retagged_insight"
        if row.is_in and not row.was_in and row.event_on is not None and row.event_on > self.old_as_of.date():
            return "matured"
        if change.kind != "new":
            return "deleted_row" if change.kind == "deleted" else "corrected_row"
        return "matured" if self._is_since(row, change) else "late_row"

    def _is_since(self, row: Moved, change: Change) -> bool:
        """Whether the record tells of something after the earlier publish: no record of it could have been there."""
        if change.happened_at is not None:
            return change.happened_at > self.old_as_of
        return row.event_on is not None and row.event_on > self.old_as_of.date()

    def _is_awaited(self, row: Moved, change: Change) -> bool:
        """Whether the row only waited for its time, which came; that records came in meanwhile is part of it."""
        # On a past day an insight stays as old as it was; as of now it grows older.
        has_grown = row.old_reason == "too_young" and row.period_kind != "day"
        has_waited = has_grown or row.old_reason == "not_matured_yet"
        return self._is_later and row.is_in and has_waited and change.role not in _SHIP and change.kind != "deleted"

    def _has_time_passed(self, row: Moved) -> bool:
        if not self._is_later:
            return False
        is_since = row.event_on is not None and row.event_on >= self.old_as_of.date()
        return is_since or (row.old_reason in WAITING and row.old_reason != row.new_reason)


def _roles(row: Moved) -> Sequence[str]:
    if row.metric_id == "circt" and "not_launched_yet" in (row.old_reason, row.new_reason):
        return _LAUNCHED
    return _ROLES.get((row.metric_id, row.was_in != row.is_in), _OTHERS)


def record_changes(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> dict[tuple[str, str], list[Change]]:
    """Changes of the raw records behind some rows, from the views `old_` and `new_` `records`, `landed` and `extracts`.

    A record is new when its file was not known at the earlier publish and no version of it was; where an earlier
    version was known, it is corrected. What of a note is no longer listed is not gone: a note that stops being an
    insight takes its tags and links with it.
    """
    connection.register("asked_rows", rows.select("row_kind", "row_id").unique())
    found = connection.execute(
        """
        with
        behind as (
            select row_kind, row_id, role, table_name, row_key from old_records
            semi join asked_rows using (row_kind, row_id)
            union
            select row_kind, row_id, role, table_name, row_key from new_records
            semi join asked_rows using (row_kind, row_id)
        ),
        keys as (select distinct table_name, row_key from behind),
        old_versions as (
            select distinct table_name, row_key, source_file, source_row from old_records
            semi join keys using (table_name, row_key)
        ),
        new_versions as (
            select distinct table_name, row_key, source_file, source_row from new_records
            semi join keys using (table_name, row_key)
        ),
        added_versions as (
            from new_versions anti join old_versions using (table_name, row_key, source_file, source_row)
        ),
        added as (
            select
                *,
                source_file in (select file from old_extracts) as is_file_known,
                first_file in (select file from old_extracts) as is_key_known
            from added_versions left join new_landed using (table_name, source_file, source_row)
        ),
        gone as (
            select * from old_versions anti join new_versions using (table_name, row_key, source_file, source_row)
            where table_name not in ('notes', 'note_tags', 'note_relationships', 'webhook_events')
        ),
        changed as (
            select
                table_name,
                row_key,
                case when is_key_known or gone.row_key is not null then 'corrected' else 'new' end as kind,
                added.happened_at,
                added.source_file,
                added.source_row
            from added
            left join (select distinct table_name, row_key from gone) as gone using (table_name, row_key)
            where not added.is_file_known or gone.row_key is not null
            union all
            select table_name, row_key, 'deleted', null, source_file, source_row
            from gone anti join (select table_name, row_key from added) using (table_name, row_key)
        )
        select row_kind, row_id, role, kind, happened_at, source_file, source_row
        from changed inner join behind using (table_name, row_key)
        order by all
        """
    ).fetchall()
    changes: dict[tuple[str, str], list[Change]] = {}
    for row_kind, row_id, *change in found:
        changes.setdefault((row_kind, row_id), []).append(Change(*change))
    return changes
