"""What only the page of CIRCT has: how long pains take, where the days go, which segment grew and what is open."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.detail_parts import BAD, GOOD, figure_in, made_table, records, stack_drawing
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.listings import ageing_table
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Cell, Drawing, Facts, Section
from metrics_py.scoreboard.segments import SEGMENT_WORDS, bottleneck_blocks
from metrics_py.scoreboard.series import Series
from metrics_py.scoreboard.stack import Stack

_BIN_DAYS = 5
_LAST_BIN = 90


def circt_sections(material: Material, drawer: Drawer) -> Sequence[Section]:
    """Its own sections."""
    segments = list(SEGMENT_WORDS)
    columns = [
        "day",
        "launched_count",
        "p90_launched",
        "p90_with_open",
        "p90_with_open_ci_low",
        "p90_with_open_ci_high",
    ]
    columns += ["under_watch_count", "share_within_45", "within_count", "started_count", "open_count", "overdue_count"]
    columns += ["share_within_45_at_worst", "share_within_45_at_best", *(f"p90_{segment}_days" for segment in segments)]
    rows = records(material, "circt_by_day", columns, "day")
    if not rows:
        return []
    today = rows[-1]
    window = material.snapshot.read(
        "fct_insights",
        ["cycle_days"],
        where=(pl.col("state") == "resolved")
        & pl.col("resolved_on").is_between(rows[max(-90, -len(rows))]["day"], today["day"]),
    )
    days = window["cycle_days"].drop_nulls().to_list()
    starts = range(0, _LAST_BIN + _BIN_DAYS, _BIN_DAYS)
    held = [
        sum(start <= day < start + _BIN_DAYS or (start == _LAST_BIN and day > start) for day in days)
        for start in starts
    ]
    names = [f"{start}+" if start == _LAST_BIN else str(start) for start in starts]
    target = next((v.target for v in material.verdicts if v.metric_id == "circt" and v.target is not None), None)
    is_long = [target is not None and start >= target for start in starts]
    spread = Stack(
        "Days to resolution",
        names,
        [
            ("in time", GOOD, [0 if late else count for late, count in zip(is_long, held, strict=True)]),
            ("late", BAD, [count if late else 0 for late, count in zip(is_long, held, strict=True)]),
        ],
    )
    lines = [
        Series(
            SEGMENT_WORDS[segment],
            "days",
            "at most",
            [row["day"] for row in rows],
            [row[f"p90_{segment}_days"] for row in rows],
            [None] * len(rows),
        )
        for segment in segments
    ]
    table = made_table(
        "90th percentile of each segment, newest day first",
        {"Day": lambda row: words.day_text(row["day"])}
        | {
            SEGMENT_WORDS[segment].split(",")[0]: partial(figure_in, f"p90_{segment}_days", "score")
            for segment in segments
        },
        rows[: -ROWS_SHOWN - 1 : -1],
    )
    company = [row for row in material.bottlenecks if row.org_level == "company"]
    return [
        Section("both", "Three ways to say how long it takes", [Facts(_three_readings(today))]),
        Section(
            "distribution",
            "Pain by pain",
            [
                stack_drawing(
                    drawer,
                    "Days from insight to launch, launches of the last 90 days",
                    "Each column is five days.",
                    spread,
                ),
                Drawing(
                    "Where the days go: 90th percentile of each segment",
                    "",
                    drawer.at_both_widths("trend", lines, status="no_data", heights=(80, 80)),
                    table,
                ),
            ],
        ),
        Section("bottleneck", "Which segment grew", bottleneck_blocks(company)),
        Section("ageing", "Pains still open", [ageing_table(material, material.ageing)]),
    ]


def _three_readings(today: Mapping[str, Any]) -> list[tuple[str, Cell]]:
    p90, share, with_open = today["p90_launched"], today["share_within_45"], today["p90_with_open"]
    low, high = today["p90_with_open_ci_low"], today["p90_with_open_ci_high"]
    interval = None if low is None or high is None else f"95% interval {number.range_text(low, high, 'days')}"
    return [
        (
            "Of those launched, nine in ten took at most",
            Cell(
                "no launch in the window" if p90 is None else number.value_text(p90, "days"),
                note=f"n {today['launched_count']:,}; says nothing of those still open",
            ),
        ),
        (
            "Of all that are old enough, resolved within 45 days",
            Cell(
                "none is old enough" if share is None else number.value_text(share, "share"),
                note=f"{today['within_count']:,} of {today['started_count']:,}",
            ),
        ),
        (
            "With the open ones counted in, nine in ten take at most",
            Cell(
                "not reached: more than one in ten is still open"
                if with_open is None
                else number.value_text(with_open, "days"),
                note=interval or f"{today['under_watch_count']:,} under watch",
            ),
        ),
        ("Open now", Cell(f"{today['open_count']:,}", "#ageing", note=f"{today['overdue_count']:,} past 45 days")),
    ]
