"""A trace as a person reads it, and as JSON or CSV for other tools."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from metrics_py.publish.trace import Trace, TracedValue
from metrics_py.publish.trace_words import RECORD_REASONS, reason_text, rows_text
from metrics_py.spreadsheet import harmless_cell

_UNIT_WORDS = {"days": " days", "usd": " USD"}


def as_text(traced: Trace, *, limit: int | None = 10) -> str:
    """The value, whether its rows give it, and the rows in and out with the file and record of each.

    Args:
        traced: the trace.
        limit: rows shown of each group; None for all.
    """
    return "\n".join([*_headline(traced.value), "", *_check(traced), "", *_rows(traced, limit)]) + "\n"


def as_json(traced: Trace, *, limit: int | None = None) -> str:
    """One JSON object: value, recomputed, agrees, rows_in and rows_out, each row with its sources."""
    sources: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in traced.sources.iter_rows(named=True):
        sources.setdefault((record.pop("row_kind"), record.pop("row_id")), []).append(record)
    document = {
        "value": asdict(traced.value),
        "recomputed": asdict(traced.recomputed),
        "agrees": traced.recomputed.agrees,
        **{
            name: [
                row | {"sources": sources.get((row["row_kind"], row["row_id"]), [])}
                for row in (rows if limit is None else rows.head(limit)).iter_rows(named=True)
            ]
            for name, rows in (("rows_in", traced.rows_in), ("rows_out", traced.rows_out))
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n"


def as_csv(traced: Trace, *, limit: int | None = None) -> str:
    """One line per row and raw record of it, rows in first; no text starts as a spreadsheet's formula does."""
    rows = pl.concat(
        [
            (rows if limit is None else rows.head(limit)).with_columns(is_in=pl.lit(is_in))
            for rows, is_in in ((traced.rows_in, True), (traced.rows_out, False))
        ],
        how="diagonal",
    )
    lines = rows.join(traced.sources, on=["row_kind", "row_id"], how="left", maintain_order="left_right")
    columns = ["is_in", "reason", *(name for name in lines.columns if name not in ("is_in", "reason"))]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless_cell(cell) for cell in line] for line in lines.select(columns).iter_rows())
    return written.getvalue()


def _headline(value: TracedValue) -> Iterator[str]:
    yield f"{value.metric_name} ({value.metric_id}, definition {value.definition_version}), reading {value.reading}"
    yield f"For {value.org_unit_name}, {_period_text(value)}; as of {_instant(value.as_of)}"
    number = "no value" if value.value is None else _number(value.value, value.unit)
    interval = (
        "no interval"
        if value.ci_low is None or value.ci_high is None
        else f"95% interval {_number(value.ci_low, value.unit)} to {_number(value.ci_high, value.unit)}"
    )
    yield f"Value: {number}; {interval}; n {value.n or 0:,}"
    yield f"Status: {value.status.replace('_', ' ')}. {value.status_reason}"
    of_what = "" if value.reading == value.headline_reading else f" of {value.headline_reading}, which this one varies"
    yield f"Definition{of_what}: {value.numerator_means}"
    if value.denominator_means:
        yield f"   over: {value.denominator_means}"


def _check(traced: Trace) -> Iterator[str]:
    again, value = traced.recomputed, traced.value
    found = [f"n {again.n:,}"]
    if value.numerator is not None:
        found.append(f"numerator {again.numerator:,.12g}")
    if value.denominator is not None:
        found.append(f"denominator {again.denominator:,.12g}")
    if again.value is not None:
        found.append(f"value {_number(again.value, value.unit)}")
    yield f"From the rows below: {', '.join(found)}."
    if again.agrees:
        yield "That is what was published."
    for difference in again.disagreements:
        yield f"DIFFERENT: {difference}."
    if again.value is None and value.value is not None:
        yield "The value itself is weighted by stratum (table nps_by_stratum), which the rows alone do not give."


def _rows(traced: Trace, limit: int | None) -> Iterator[str]:
    records = _records(traced.sources, RECORD_REASONS.get(traced.value.metric_id, {}))
    if traced.rows_in.is_empty():
        yield "No rows in."
    for (kind,), rows in traced.rows_in.group_by("row_kind", maintain_order=True):
        yield f"{rows_text(str(kind), rows.height)} in"
        yield from _listed(rows, traced.value.unit, records, limit)
    if traced.rows_out.is_empty():
        yield "Nothing was left out."
    reasons = traced.rows_out.group_by("reason", "row_kind", maintain_order=True)
    for (reason, kind), rows in sorted(reasons, key=lambda group: (-group[1].height, str(group[0]))):
        yield f"{rows_text(str(kind), rows.height)} left out: {reason_text(str(reason))} ({reason})"
        yield from _listed(rows, traced.value.unit, records, limit)


def _records(sources: pl.DataFrame, reasons: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    words = sources.with_columns(
        pl.col("record_reason").replace_strict(dict(reasons), default=None, return_dtype=pl.String)
    )
    by_file = words.group_by("row_kind", "row_id", "role", "source_file", "record_reason", maintain_order=True)
    records: dict[tuple[str, str], list[str]] = {}
    for row_kind, row_id, role, file, reason, rows in by_file.agg("source_row").iter_rows():
        numbers = f"record{'' if len(rows) == 1 else 's'} {', '.join(map(str, rows))}"
        left_out = f" (does not count: {reason})" if reason else ""
        line = f"      {role.replace('_', ' ')}: {_printable(file)} {numbers}{left_out}"
        records.setdefault((row_kind, row_id), []).append(line)
    return records


def _listed(
    rows: pl.DataFrame, unit: str, records: dict[tuple[str, str], list[str]], limit: int | None
) -> Iterator[str]:
    shown = rows if limit is None else rows.head(limit)
    for row in shown.iter_rows(named=True):
        parts = [row["row_id"], row["label"], row["event_on"] and str(row["event_on"])]
        if row["amount"] is not None:
            parts.append(_number(float(row["amount"]), "" if unit == "share" else unit))
        if row.get("numerator") is not None and row.get("denominator") is not None:
            parts.append(f"adds {float(row['numerator']):,.12g} over {float(row['denominator']):,.12g}")
        yield "   " + _printable("  ".join(str(part) for part in parts if part))
        yield from records.get((row["row_kind"], row["row_id"]), [])
    if shown.height < rows.height:
        yield f"   and {rows.height - shown.height:,} more; --limit 0 shows all"


def _period_text(value: TracedValue) -> str:
    last = value.period_end - timedelta(days=1)
    if value.period_kind == "day":
        return f"the day {value.period_start}"
    return f"{value.period_kind.replace('_', ' ')} {value.period_start} to {last}"


def _number(number: float, unit: str) -> str:
    if unit == "share":
        return f"{number * 100:,.12g}%"
    return f"{number:,.12g}{_UNIT_WORDS.get(unit, '')}"


def _instant(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "an unknown time"


def _printable(text: str) -> str:
    # Names come from vendors; a control character in one could rewrite the terminal.
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _plain(thing: object) -> object:
    if isinstance(thing, Decimal):
        return float(thing)
    if isinstance(thing, date):
        return thing.isoformat()
    raise TypeError(f"cannot be written as JSON: {thing!r}")
