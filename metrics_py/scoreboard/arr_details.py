"""What only the page of ARR has: the movements that sum to its change, month by month."""

from collections.abc import Sequence
from functools import partial

import polars as pl

from metrics_py.scoreboard.detail_parts import (
    BAD,
    GOOD,
    PALE,
    figure,
    figure_in,
    made_table,
    records,
    stack_drawing,
)
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Section
from metrics_py.scoreboard.stack import Stack


def arr_sections(material: Material, drawer: Drawer) -> Sequence[Section]:
    """Its own sections."""
    kinds = {"new": GOOD, "expansion": "var(--part)", "reactivation": PALE, "contraction": "var(--stale)", "churn": BAD}
    columns = ["month_start", "is_open", "arr", "opening_arr", "account_count", "gross_retention_rate"]
    columns += ["net_retention_rate", *(f"{kind}_arr" for kind in kinds)]
    rows = records(material, "arr_by_month", columns, "month_start", where=pl.col("is_covered"))
    moved = [row for row in rows if row["opening_arr"] is not None]
    movements = Stack(
        "Movements by month",
        [f"{row['month_start']:%b %y}" for row in moved],
        [(kind, colour, [float(row[f"{kind}_arr"] or 0) for row in moved]) for kind, colour in kinds.items()],
        unit="usd",
    )
    months = made_table(
        "Months, newest first; the movements sum exactly to the change",
        {
            "Month": lambda row: f"{row['month_start']:%B %Y}" + (", still open" if row["is_open"] else ""),
            "ARR": lambda row: figure(row["arr"], "usd"),
            **{kind.capitalize(): partial(figure_in, f"{kind}_arr", "usd") for kind in kinds},
            "Gross retention": lambda row: figure(row["gross_retention_rate"], "share"),
            "Net retention": lambda row: figure(row["net_retention_rate"], "share"),
            "Accounts": lambda row: figure(row["account_count"], "count"),
        },
        rows[::-1][:ROWS_SHOWN],
    )
    return [
        Section("distribution", "What moved it", [stack_drawing(drawer, "Movements by month", "", movements), months])
    ]
