"""Rows of a vendor's table over time, and which of them an extract shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Literal

import polars as pl

from metrics_py.sample.calendar import EXTRACTS

Mode = Literal["full", "sheet", "incremental"]
"""full: every extract; sheet: a full table kept by hand, exported when it changed; incremental: only what is new."""


@dataclass(frozen=True)
class Table:
    """A vendor's table: its columns plus `_from` and `_to`, between which the vendor shows a row (null `_to`: still).

    A change of a row is a second row with the same key whose `_from` is the first one's `_to`.
    """

    source: str
    name: str
    mode: Mode
    rows: pl.DataFrame
    dates: Sequence[str] = field(default=())
    """Instants that this vendor gives as bare dates."""

    @property
    def folder(self) -> str:
        """Path of the table below the extracts folder."""
        return f"{self.source}/{self.name}"

    @property
    def columns(self) -> list[str]:
        """The vendor's own columns."""
        return [column for column in self.rows.columns if not column.startswith("_")]


def seen(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that some extract shows, with `_first` and `_last`: numbers of the extracts that show it, half-open."""
    times = pl.Series(EXTRACTS, dtype=pl.Datetime("us"))
    first = times.search_sorted(rows["_from"], side="left")
    last = times.search_sorted(rows["_to"].fill_null(datetime(9999, 1, 1)), side="left")
    numbered = rows.drop("_from", "_to").with_columns(_first=first.cast(pl.Int32), _last=last.cast(pl.Int32))
    return numbered.filter(pl.col("_first") < pl.col("_last"))


def extracts_of(table: Table, numbers: Sequence[int], *, every_extract: bool) -> Iterator[tuple[int, pl.DataFrame]]:
    """The table's extracts of these numbers in order: each number and its rows (with `_first` and `_last`), none empty.

    `every_extract` writes a hand-kept sheet each time, which extracts in parts need: a part that is missing
    would say that its rows are gone. An incremental extract also holds what those left out before it would have held.
    """
    rows = seen(table.rows)
    first, last = pl.col("_first"), pl.col("_last")
    changes = set(rows["_first"].to_list()) | set(rows["_last"].to_list())
    for before, number in pairwise([-1, *numbers]):
        is_changed = any(between in changes for between in range(before + 1, number + 1))
        if table.mode == "incremental":
            shown = rows.filter((first > before) & (first <= number) & (last > number)) if is_changed else rows.clear()
        elif table.mode == "sheet" and not every_extract and not is_changed and number not in (numbers[0], numbers[-1]):
            continue
        else:
            shown = rows.filter((first <= number) & (last > number))
        if shown.height:
            yield number, shown
