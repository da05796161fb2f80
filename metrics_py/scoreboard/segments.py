"""Where a pain waits: the segments of the clock, and the one that grew first."""

from collections.abc import Sequence

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.parts import Block, Cell, Note, Table
from metrics_py.scoreboard.rows import Bottleneck
from metrics_py.scoreboard.tile import Mark

SEGMENT_WORDS = {
    "inbox_wait": "Inbox wait, before the clock",
    "triage": "Triage, from insight to idea",
    "validation": "Validation, from idea to plan",
    "delivery": "Delivery, from plan to launch",
}


def bottleneck_blocks(rows: Sequence[Bottleneck]) -> list[Block]:
    """What is known of the segments of one organisation unit; nothing when nothing is."""
    if not rows:
        return []
    ordered = sorted(rows, key=lambda row: row.segment_order)
    grown = next((row for row in ordered if row.is_bottleneck), None)
    if grown is None:
        note = Note(f"No segment has grown by more than chance: {ordered[0].bottleneck}.")
    else:
        name = SEGMENT_WORDS.get(grown.segment, grown.segment)
        note = Note(
            f"{name} grew first. Likely cause: {grown.root_cause or 'not known'}. "
            f"What helps: {grown.intervention or 'not known'}.",
            Mark("losing"),
        )
    cells = [
        [
            Cell(SEGMENT_WORDS.get(row.segment, row.segment)),
            Cell(_days(row.median_days_before)),
            Cell(_days(row.median_days_after)),
            Cell("" if row.break_week is None else words.day_text(row.break_week)),
            Cell("" if row.p_value_holm is None else f"{row.p_value_holm:.3f}"),
            Cell("grew", mark=Mark("losing")) if row.has_expanded else Cell("no more than chance"),
        ]
        for row in ordered
    ]
    columns = ["Segment", "Median days before", "Median days after", "Break in week of", "p (Holm)", "Verdict"]
    return [note, Table("Segments of the clock", columns, cells, frozenset({1, 2, 4}))]


def _days(days: float | None) -> str:
    return "" if days is None else number.value_text(days, "score")
