"""Rows reduced to counts by day, group and whole number: all that an exact rolling percentile needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics_py._sliding import Days, FullDays, ListedDays
from metrics_py.errors import OutOfRangeError, UnusableInputError

if TYPE_CHECKING:
    from metrics_py._sliding import Integers

EPOCH = date(1970, 1, 1)
MOST_DENSE_CELLS = 1 << 27  # half a gigabyte of 32-bit counts
MOST_WINDOW_CELLS = 1 << 26  # half a gigabyte of 64-bit counts
DENSE_CELLS_PER_ROW = 50  # about where going through every cell costs as much as hashing every row
ROWS_PER_BATCH = 4_000_000  # smaller batches pay for Python more often, larger ones only take memory


@dataclass(frozen=True)
class DayCounts:
    """How many rows each (day, group, value) has: `width` cells per group and day, the first for the value `lowest`."""

    groups: pl.DataFrame
    first_day: date
    lowest: int
    width: int
    block: int
    days: Days


def count_by_day(
    rows: pl.LazyFrame,
    *,
    value: str,
    at: str,
    by: list[str],
    count: str | None,
    first_day: date | None,
    last_day: date | None,
) -> DayCounts | None:
    """Count rows by (day, group, value); None where there are no groups, or nothing says which days.

    Rows without a date or a value are dropped, but their group stays. Days outside the two bounds are not read.
    """
    wanted = rows
    if first_day is not None:
        wanted = wanted.filter(pl.col(at) >= first_day)
    if last_day is not None:
        wanted = wanted.filter(pl.col(at) <= last_day)
    groups, extent = _survey(rows, wanted, value=value, at=at, by=by, count=count)
    first_day, last_day = first_day or extent["first_day"], last_day or extent["last_day"]
    if first_day is None or last_day is None or groups.height == 0:
        return None
    lowest, highest = extent["lowest"] or 0, extent["highest"] or 0
    block = 1 << max(4, ((highest - lowest).bit_length() + 1) // 2)
    width = ((highest - lowest) // block + 1) * block
    if groups.height * width > MOST_WINDOW_CELLS:
        raise UnusableInputError(
            f"{value} runs from {lowest} to {highest} over {groups.height} groups: more than {MOST_WINDOW_CELLS} "
            "cells to count in; give whole days instead of seconds, or fewer groups at a time"
        )
    if extent["has_nulls"]:  # asking costs nothing, filtering a file without nulls does
        wanted = wanted.filter(pl.col(at).is_not_null(), pl.col(value).is_not_null())
    coded, group = _with_group_code(wanted, groups)
    day = (pl.col(at).to_physical() - (first_day - EPOCH).days).cast(pl.Int64)
    key = (day * groups.height + group) * width + (pl.col(value).cast(pl.Int64) - lowest)
    keyed = coded.select(key=key, **({"weight": pl.col(count).cast(pl.Int64)} if count else {}))
    day_count = (last_day - first_day).days + 1
    size = day_count * groups.height * width
    days: Days
    if size <= min(MOST_DENSE_CELLS, extent["rows"] * DENSE_CELLS_PER_ROW):
        is_small = count is None and extent["rows"] < 1 << 31
        days = FullDays(_cells(keyed, size, is_small=is_small).reshape(day_count, -1), block)
    else:
        days = ListedDays(*_listed_cells(keyed), day_count, groups.height * width, block)
    return DayCounts(groups, first_day, lowest, width, block, days)


def _survey(
    rows: pl.LazyFrame, wanted: pl.LazyFrame, *, value: str, at: str, by: list[str], count: str | None
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Groups of all rows, sorted, and the extent of the wanted ones; both in one pass."""
    columns = {
        "rows": pl.len(),
        "has_nulls": pl.any_horizontal(pl.col(at, value).null_count() > 0),
        "first_day": pl.col(at).min(),
        "last_day": pl.col(at).max(),
        "lowest": pl.col(value).min(),
        "highest": pl.col(value).max(),
    }
    if count:
        columns["bad_counts"] = (pl.col(count).is_null() | (pl.col(count) < 0)).sum()
    queries = [wanted.select(**columns), *([rows.select(by).unique()] if by else [])]
    found = pl.collect_all(queries, engine="streaming")
    extent = found[0].row(0, named=True)
    if extent.get("bad_counts"):
        raise OutOfRangeError(
            f"{count} must be 0 or more; found {extent['bad_counts']} rows with less or with null; "
            "leave such rows out or correct them"
        )
    return found[1].sort(by, nulls_last=True) if by else pl.DataFrame(height=1), extent


def _with_group_code(rows: pl.LazyFrame, groups: pl.DataFrame) -> tuple[pl.LazyFrame, pl.Expr]:
    """Position of each row's group in `groups`: by arithmetic or dictionary for one plain column, else by join."""
    if groups.width == 0:
        return rows, pl.lit(0, pl.Int64)
    if groups.width == 1:
        labels = groups.to_series().drop_nulls()
        column, unknown = pl.col(labels.name), pl.lit(labels.len(), pl.Int64)
        if labels.dtype == pl.String:
            return rows, column.cast(pl.Enum(labels)).to_physical().cast(pl.Int64).fill_null(unknown)
        if labels.dtype.is_integer() and labels.len() and labels[-1] - labels[0] == labels.len() - 1:
            return rows, (column.cast(pl.Int64) - labels[0]).fill_null(unknown)
    numbered = groups.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("__group")).lazy()
    return rows.join(numbered, on=groups.columns, how="left", nulls_equal=True), pl.col("__group")


def _cells(keyed: pl.LazyFrame, size: int, *, is_small: bool) -> Integers:
    """Counts of all cells in one flat array, which beats hashing where many rows share few cells."""
    import numpy as np

    cells: Integers = np.zeros(size, np.int32 if is_small else np.int64)
    one = cells.dtype.type(1)  # np.add.at is twenty times slower when the two types differ
    for batch in keyed.collect_batches(chunk_size=ROWS_PER_BATCH, maintain_order=False):
        np.add.at(cells, batch["key"].to_numpy(), batch["weight"].to_numpy() if batch.width > 1 else one)
    return cells


def _listed_cells(keyed: pl.LazyFrame) -> tuple[Integers, Integers]:
    """Sorted keys of the cells that are hit, with their counts."""
    count = pl.col("weight").sum() if "weight" in keyed.collect_schema() else pl.len()
    listed = keyed.group_by("key").agg(count.cast(pl.Int64)).collect(engine="streaming").sort("key")
    return listed.to_series(0).to_numpy(), listed.to_series(1).to_numpy()
