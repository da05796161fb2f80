"""What the newest publish changed of a metric's earlier values, and why."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from metrics_py.scoreboard import address, number, words
from metrics_py.scoreboard.listings import plain
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Block, Cell, Link, Note, Section, Table

TABLE = "metric_restatements"
_TOLD = 3
_LEVELS = ("company", "squad", "person")
_VALUE = ("reading", "org_level", "org_unit_id", "period_kind", "period_start", "period_end")
_COLUMNS = [
    *("previous_as_of", *_VALUE, "unit", "old_value", "new_value", "old_status", "new_status"),
    *("old_target", "new_target", "cause", "effect", "item_number", "explanation"),
]


def restatement_section(material: Material, metric_id: str) -> Section:
    """The values of earlier periods that are other ones than in the publish before; nothing where no history is kept.

    A period that had no value before is not a change of one.
    """
    title = "What changed since the last publish, and why"
    if not material.snapshot.has(TABLE) or material.publish_number is None:
        return Section("changed", title, [])
    if material.publish_number == 1:
        return Section("changed", title, [Note("This is the first publish, so nothing can have changed.")])
    frame = changes_of(material, metric_id)
    if frame.is_empty():
        return Section("changed", title, [Note("No value that was published before has changed.")])
    values = _values(frame)
    kept = values.head(ROWS_SHOWN)
    causes = frame.join(kept, on=_VALUE, how="semi").partition_by(_VALUE, as_dict=True, maintain_order=True)
    rows = [_row(material, causes[key].to_dicts()) for key in kept.select(_VALUE).iter_rows()]
    csv = address.changes_csv(metric_id)
    more = Link(f"All {values.height:,} values as CSV", csv) if values.height > ROWS_SHOWN else None
    table = Table("Changed values", ["Value", "Before", "Now", "Why"], rows, frozenset({1, 2}), more)
    return Section("changed", title, [_summary(frame, values, csv), table])


def _values(frame: pl.DataFrame) -> pl.DataFrame:
    """A row per changed value: numbers before verdicts, the company before its units, then the newest period."""
    is_moved = pl.col("old_value").ne_missing(pl.col("new_value"))
    values = frame.select(*_VALUE, is_moved=is_moved).unique(_VALUE, maintain_order=True)
    level = pl.col("org_level").replace_strict({level: place for place, level in enumerate(_LEVELS)})
    newest_first = -pl.col("period_start").to_physical()
    return values.sort(~pl.col("is_moved"), level, newest_first, "reading", "org_unit_id", maintain_order=True)


def changes_of(material: Material, metric_id: str) -> pl.DataFrame:
    """The restatements of one metric in the newest publish, those of one value together."""
    where = (
        (pl.col("metric_id") == metric_id)
        & (pl.col("publish_number") == material.publish_number)
        & (pl.col("cause") != "new_period")
    )
    frame = material.snapshot.read(TABLE, _COLUMNS, where=where)
    return frame.sort([*_VALUE, "item_number"])


def _summary(frame: pl.DataFrame, values: pl.DataFrame, csv: str) -> Block:
    told = number.count_text(values.height, "value")
    told += f" changed since the publish as of {words.instant_text(frame['previous_as_of'][0])}"
    unmoved = values.height - int(values["is_moved"].sum())
    if unmoved:
        told += f", {unmoved:,} of them only in verdict or target"
    causes = frame.group_by("cause").agg(pl.struct(_VALUE).n_unique().alias("values"))
    ordered = causes.sort("values", "cause", descending=[True, False]).iter_rows()
    because = ", ".join(f"{plain(cause)} ({count:,})" for cause, count in ordered)
    return Note(f"{told}. Causes: {because}.", link=Link("Every change as CSV", csv))


def _row(material: Material, rows: Sequence[dict[str, Any]]) -> list[Cell]:
    first = rows[0]
    period = words.period_text(first["period_kind"], first["period_start"], first["period_end"])
    causes = sorted(rows, key=lambda row: (-abs(row["effect"] or 0), row["item_number"]))
    reasons = list(dict.fromkeys(row["explanation"] for row in causes))
    rest = f" And {len(reasons) - _TOLD:,} more." if len(reasons) > _TOLD else ""
    return [
        Cell(f"{words.reading_word(first['reading'])}, {period}", note=_unit(material, first)),
        Cell(_text(first["old_value"], first["unit"]), note=_status(first["old_status"])),
        Cell(_text(first["new_value"], first["unit"]), note=_status(first["new_status"])),
        Cell(" ".join(_sentence(reason) for reason in reasons[:_TOLD]) + rest),
    ]


def _unit(material: Material, row: dict[str, Any]) -> str:
    if row["org_level"] == "person":
        return material.person(row["org_unit_id"]).text
    return str(row["org_unit_id"])


def _text(value: float | None, unit: str) -> str:
    return "no value" if value is None else number.value_text(value, unit)


def _status(status: str | None) -> str | None:
    return None if status is None else words.STATUS_WORDS.get(status, plain(status))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
