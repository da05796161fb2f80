"""The difference of two publishes as text for a terminal, and as JSON."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from metrics_py.history.causes import CAUSES
from metrics_py.history.changes import KEY
from metrics_py.history.shelf import Publish

SHOWN_VALUES = 20
SHOWN_ROWS = 6
_SERIES = tuple(name for name in KEY if name not in ("period_start", "period_end"))


def only(frame: pl.DataFrame, *, metric: str | None, person: str | None, squad: str | None) -> pl.DataFrame:
    """The restatements of one metric, person or squad; null leaves all in."""
    if metric is not None:
        frame = frame.filter(pl.col("metric_id") == metric.lower())
    if person is not None:
        frame = frame.filter(pl.col("org_level") == "person", pl.col("org_unit_id") == person.lower())
    if squad is not None:
        frame = frame.filter(pl.col("org_level") == "squad", pl.col("org_unit_id") == squad)
    return frame


def as_json(old: Publish, new: Publish, frame: pl.DataFrame) -> str:
    """One object: the publishes compared, what differs in code and seeds, and each value with what changed it."""
    per_value = (
        *KEY,
        "unit",
        "old_value",
        "new_value",
        "change",
        "old_target",
        "new_target",
        "old_status",
        "new_status",
    )
    values = []
    for part in frame.partition_by(*KEY, maintain_order=True):
        rows = part.to_dicts()
        values.append(
            {name: rows[0][name] for name in per_value} | {"because": [_without(row, per_value) for row in rows]}
        )
    document = {
        "old": {"as_of": old.facts["as_of"], "id": old.id, "publish": old.number},
        "new": {"as_of": new.facts["as_of"], "id": new.id, "publish": new.number},
        "differs": list(_differs(old, new)),
        "values": values,
    }
    return json.dumps(document, indent=2, default=str, ensure_ascii=False)


def as_text(old: Publish, new: Publish, frame: pl.DataFrame) -> str:
    """A page of text: what was compared, how many values changed and why, and the largest changes with their rows."""
    return "\n".join(_lines(old, new, frame))


def _lines(old: Publish, new: Publish, frame: pl.DataFrame) -> Iterator[str]:
    yield f"From {old}"
    yield f"to   {new}"
    yield "Between them: " + ("; ".join(_differs(old, new)) or "the same code, seeds and definitions") + "."
    if frame.is_empty():
        yield "No value differs."
        return
    yield ""
    yield f"{'cause':<20}{'values':>8}{'rows':>8}"
    counts = frame.group_by("cause").agg(
        pl.struct(KEY).n_unique().alias("values"), pl.col("row_id").count().alias("rows")
    )
    for cause, values, rows in counts.sort("values", "cause", descending=[True, False]).iter_rows():
        yield f"{cause:<20}{values:>8,}{rows:>8,}  {CAUSES[cause]}"
    series = frame.filter(pl.col("cause") != "new_period").partition_by(*_SERIES, maintain_order=True)
    series.sort(key=_rank)
    for part in series[:SHOWN_VALUES]:
        yield ""
        yield from _of_series(part)
    if len(series) > SHOWN_VALUES:
        yield ""
        yield f"and {len(series) - SHOWN_VALUES:,} more; narrow it with --metric, --pm or --squad, or take --format csv"


def _rank(part: pl.DataFrame) -> tuple[bool, int]:
    """Numbers before verdicts, the company before its squads and people."""
    is_moved = part.select((pl.col("change").is_null() | (pl.col("change") != 0)).any()).item()
    return not is_moved, ("company", "squad", "person").index(part["org_level"][0])


def _of_series(part: pl.DataFrame) -> Iterator[str]:
    """The largest change of one reading of one unit, and in how many periods it changed."""
    periods = part.select("period_start").n_unique()
    largest = part.sort(pl.col("change").abs(), descending=True, nulls_last=True, maintain_order=True)["period_start"][
        0
    ]
    rows = part.filter(pl.col("period_start") == largest).to_dicts()
    first = rows[0]
    unit = "company" if first["org_level"] == "company" else f"{first['org_level']} {first['org_unit_id']}"
    more = f", the largest of {periods} changed periods" if periods > 1 else ""
    yield (
        f"{first['metric_id']} {first['reading']}, {unit}, {first['period_kind']} {largest}{more}: "
        f"{_number(first['old_value'], first['unit'])} -> {_number(first['new_value'], first['unit'])}"
        + ("" if first["change"] is None else f" ({_change(first['change'], first['unit'])})")
    )
    effects: dict[str, float] = {}
    for row in rows:
        if row["component"] is not None and row["effect"] is not None:
            effects[row["component"]] = effects.get(row["component"], 0) + row["effect"]
    if effects:
        yield "  " + ", ".join(f"{name} {_change(effect, first['unit'])}" for name, effect in effects.items())
    if first["old_target"] != first["new_target"]:
        yield f"  target {_number(first['old_target'], first['unit'])} -> {_number(first['new_target'], first['unit'])}"
    if first["old_status"] != first["new_status"]:
        yield f"  {first['old_status']} -> {first['new_status']}"
    ranked = sorted(rows, key=lambda row: -abs(row["effect"] or 0))
    for row in ranked[:SHOWN_ROWS]:
        effect = "" if row["effect"] is None else f" {_change(row['effect'], first['unit'])}"
        yield f"  {row['cause']}{effect}: {row['explanation']}"
    if len(rows) > SHOWN_ROWS:
        yield f"  and {len(rows) - SHOWN_ROWS:,} more rows"


def _differs(old: Publish, new: Publish) -> Iterator[str]:
    versions = [name for name, _ in _other(old, new, "definition_versions")]
    if versions:
        yield f"definition of {', '.join(versions)} changed"
    if any(_other(old, new, "code")):
        yield "code changed"
    seeds = [name for name, _ in _other(old, new, "seeds")]
    if seeds:
        yield f"seeds changed: {', '.join(seeds)}"


def _other(old: Publish, new: Publish, what: str) -> list[tuple[str, Any]]:
    before, after = old.facts[what], new.facts[what]
    return [(name, after.get(name)) for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _number(value: float | None, unit: str | None) -> str:
    if value is None:
        return "no value"
    return f"{value:.1%}" if unit == "share" else f"{value:,.1f}"


def _change(value: float, unit: str | None) -> str:
    return f"{100 * value:+.1f} pp" if unit == "share" else f"{value:+,.1f}"


def _without(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names and value is not None}
