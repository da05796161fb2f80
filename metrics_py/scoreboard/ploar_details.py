"""What only the page of PLOAR has: the outcomes launch by launch, and the stage that caused each miss."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.detail_parts import (
    BAD,
    GOOD,
    PALE,
    figure,
    figure_in,
    made_table,
    quarter_text,
    records,
    stack_drawing,
)
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Section
from metrics_py.scoreboard.stack import Stack


def ploar_sections(material: Material, drawer: Drawer) -> Sequence[Section]:
    """Its own sections."""
    stages = ("discover", "define", "develop", "deliver", "enablement", "undiagnosed")
    columns = ["quarter_start", "quarter_end", "shipped_count", "matured_count", "hit_count", "pending_count"]
    columns += ["lower_bound", "upper_bound", "final_after_grace_on", *(f"miss_{stage}_count" for stage in stages)]
    rows = records(material, "ploar_by_quarter", columns, "quarter_start")
    outcomes = Stack(
        "Outcomes by quarter of ship",
        [quarter_text(row) for row in rows],
        [
            ("hit", GOOD, [row["hit_count"] for row in rows]),
            ("missed", BAD, [row["matured_count"] - row["hit_count"] for row in rows]),
            ("pending", PALE, [row["pending_count"] for row in rows]),
        ],
    )
    bounds = made_table(
        "How far each quarter can still move",
        {
            "Quarter": quarter_text,
            "Shipped": lambda row: figure(row["shipped_count"], "count"),
            "Hits of matured": lambda row: f"{row['hit_count']:,} of {row['matured_count']:,}",
            "Pending": lambda row: figure(row["pending_count"], "count"),
            "Can end between": lambda row: _range(row["lower_bound"], row["upper_bound"]),
            "Final on": lambda row: _day(row["final_after_grace_on"]),
        },
        rows[::-1],
    )
    misses = made_table(
        "Misses by the stage that caused them",
        {"Quarter": quarter_text}
        | {stage.capitalize(): partial(figure_in, f"miss_{stage}_count", "count") for stage in stages},
        rows[::-1],
    )
    return [
        Section(
            "distribution",
            "Launch by launch",
            [stack_drawing(drawer, "Outcomes by quarter of ship", "", outcomes), bounds],
        ),
        Section("diagnosis", "Where the misses come from", [misses]),
    ]


def _day(day: date | None) -> str:
    return "" if day is None else words.day_text(day)


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else number.range_text(low, high, "share")
