"""The rows behind a metric's newest value: those that went in, and those left out with their reasons."""

from collections.abc import Sequence

import polars as pl

from metrics_py.scoreboard import address, words
from metrics_py.scoreboard.listings import plain
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Block, Cell, Link, Note, Section, Table
from metrics_py.scoreboard.rows import Card, Value

TABLE = "metric_evidence"
_COLUMNS = ["row_kind", "row_id", "is_in", "reason", "amount", "event_on"]
_KINDS = {
    "feature": "features",
    "insight": "insights",
    "note": "notes",
    "survey_response": "answers",
    "sampled_user": "people asked",
    "account_month": "accounts",
}


def evidence_section(material: Material, card: Card) -> Section:
    """What the newest headline value was made from; nothing where the snapshot holds no evidence."""
    title = "Rows in, rows out"
    value = newest_value(material, card)
    if value is None or not material.snapshot.has(TABLE):
        return Section("rows", title, [])
    frame = evidence_of(material, value)
    period = words.period_text(value.period_kind, value.period_start, value.period_end)
    name = words.reading_word(value.reading)
    counts = frame.group_by("row_kind", "is_in", "reason").len()
    counts = counts.sort(["is_in", "len", "row_kind", "reason"], descending=[True, True, False, False])
    rows = [
        [
            Cell("In" if is_in else "Out"),
            Cell(_KINDS.get(kind, plain(kind))),
            Cell(plain(reason).capitalize() if reason else "counted"),
            Cell(f"{count:,}"),
        ]
        for kind, is_in, reason, count in counts.iter_rows()
    ]
    blocks: list[Block] = [
        Note(
            f"{name} of {period}. From any value to its raw records: metrics-py trace.",
            link=Link("All of these rows as CSV", address.evidence_csv(card.metric_id)),
        ),
        Table("Rows by what became of them", ["In or out", "Rows", "Why", "How many"], rows, frozenset({3})),
        _listing(material, frame.filter(pl.col("is_in")), "Rows in", card),
        _listing(material, frame.filter(~pl.col("is_in")), "Rows out", card),
    ]
    return Section("rows", title, blocks)


def newest_value(material: Material, card: Card) -> Value | None:
    """The company's headline value of the newest period; null when there is none."""
    found = [
        value
        for value in material.company_values
        if (value.metric_id, value.reading) == (card.metric_id, card.headline_reading)
        and value.period_kind != "goal_period"
    ]
    return max(found, key=lambda value: value.period_start, default=None)


def evidence_of(material: Material, value: Value) -> pl.DataFrame:
    """The rows of `metric_evidence` that belong to one value of the company, in first, newest first."""
    where = (
        (pl.col("metric_id") == value.metric_id)
        & (pl.col("reading") == value.reading)
        & (pl.col("org_level") == "company")
        & (pl.col("period_kind") == value.period_kind)
        & (pl.col("first_period_start") <= value.period_start)
        & (pl.col("last_period_start") >= value.period_start)
    )
    frame = material.snapshot.read(TABLE, _COLUMNS, where=where)
    return frame.sort(
        ["is_in", "event_on", "row_id"], descending=[True, True, False], nulls_last=True, maintain_order=True
    )


def _listing(material: Material, frame: pl.DataFrame, caption: str, card: Card) -> Table:
    rows: Sequence[Sequence[Cell]] = [
        [
            _named(material, kind, row_id),
            Cell("" if event_on is None else words.day_text(event_on)),
            Cell("" if amount is None else f"{float(amount):,.6g}"),
            Cell(plain(reason).capitalize() if reason else "counted"),
        ]
        for kind, row_id, _, reason, amount, event_on in frame.head(ROWS_SHOWN).iter_rows()
    ]
    more = None
    if frame.height > ROWS_SHOWN:
        more = Link(f"All {frame.height:,} rows as CSV", address.evidence_csv(card.metric_id))
    return Table(
        f"{caption} ({frame.height:,})",
        [caption, "On", "Amount", "Why"],
        rows,
        frozenset({2}),
        more,
        empty=f"{caption}: none.",
    )


def _named(material: Material, kind: str, row_id: str) -> Cell:
    return material.feature(row_id) if kind == "feature" else Cell(row_id)
