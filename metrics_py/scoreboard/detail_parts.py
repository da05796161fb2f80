"""What the details of every metric are made of: rows of its table, columns cut into parts, and figures as texts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Cell, Drawing, Table
from metrics_py.scoreboard.stack import Stack

GOOD, BAD, PLAIN, PALE = "var(--winning)", "var(--losing)", "var(--part)", "var(--pale)"
COMPANY_ROWS = pl.col("org_level") == "company"


def records(
    material: Material, table: str, columns: Sequence[str], order: str, where: pl.Expr | None = COMPANY_ROWS
) -> list[dict[str, Any]]:
    """Rows of a published table, those of the company where nothing else is asked, in the order of one column."""
    frame = material.snapshot.read(table, columns, where=where)
    return frame.sort(order, maintain_order=True).to_dicts()


def stack_drawing(drawer: Drawer, title: str, note: str, drawn: Stack) -> Drawing:
    """Columns cut into parts, at both widths, with the table of what they show."""
    rows = [
        [Cell(column), *(Cell(number.value_text(sizes[at], drawn.unit)) for _, _, sizes in drawn.parts)]
        for at, column in enumerate(drawn.columns)
    ]
    columns = ["", *(name.capitalize() for name, _, _ in drawn.parts)]
    table = Table(title, columns, rows, frozenset(range(1, len(columns))))
    return Drawing(title, note, drawer.at_both_widths("stack", drawn) if rows else [], table)


def made_table(
    caption: str, columns: Mapping[str, Callable[[dict[str, Any]], str]], rows: Sequence[dict[str, Any]]
) -> Table:
    """A table from rows, given for each of its columns the name and what it shows of a row."""
    cells = [[Cell(text(row)) for text in columns.values()] for row in rows]
    return Table(caption, list(columns), cells, frozenset(range(1, len(columns))))


def quarter_text(row: Mapping[str, Any]) -> str:
    """Name of the quarter that a row is about."""
    return words.period_text("quarter", row["quarter_start"], row["quarter_end"])


def figure(value: Any, unit: str) -> str:
    """A value in its unit; nothing where there is none."""
    return "" if value is None else number.value_text(float(value), unit)


def figure_in(column: str, unit: str, row: Mapping[str, Any]) -> str:
    """The value in a column of a row."""
    return figure(row[column], unit)
