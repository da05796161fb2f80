"""Counts of whole numbers by day and group, and a histogram that slides over them.

An exact rolling percentile is two steps: reduce the rows to counts by (day, group, value), which is small however
many rows there were; then slide one histogram per group along the days and read the ranks off it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics_py.errors import OutOfRangeError, UnusableInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]

EPOCH = date(1970, 1, 1)
MOST_DENSE_CELLS = 1 << 27  # half a gigabyte of 32-bit counts
MOST_WINDOW_CELLS = 1 << 26  # half a gigabyte of 64-bit counts
ROWS_PER_BATCH = 4_000_000  # smaller batches pay for Python more often, larger ones only take memory


@dataclass(frozen=True)
class DayCounts:
    """Sorted keys `(day * groups + group) * width + value - lowest`, and how many rows each stands for."""

    groups: pl.DataFrame
    first_day: date
    last_day: date
    lowest: int
    width: int
    block: int
    keys: Integers
    counts: Integers


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
    if extent["has_nulls"]:
        wanted = wanted.filter(pl.col(at).is_not_null(), pl.col(value).is_not_null())
    coded, group = _with_group_code(wanted, groups)
    day = (pl.col(at).to_physical() - (first_day - EPOCH).days).cast(pl.Int64)
    key = (day * groups.height + group) * width + (pl.col(value).cast(pl.Int64) - lowest)
    keyed = coded.select(key=key, **({"weight": pl.col(count).cast(pl.Int64)} if count else {}))
    size = ((last_day - first_day).days + 1) * groups.height * width
    tally = _tally_dense if size <= MOST_DENSE_CELLS and size <= 8 * extent["rows"] else _tally_sparse
    keys, counts = tally(keyed, size, weighted=count is not None)
    return DayCounts(groups, first_day, last_day, lowest, width, block, keys, counts)


def slide(
    counted: DayCounts, window_days: int, start: date, ranks_of: Callable[[Integers], Integers]
) -> Iterator[tuple[Integers, Integers]]:
    """For each day from `start` to the last: rows in the window per group, and the values at the ranks asked for.

    `ranks_of` maps the counts of all groups, shape (groups,), to ranks from 1, shape (groups, ranks).
    """
    import numpy as np

    groups, width, block = counted.groups.height, counted.width, counted.block
    shift = block.bit_length() - 1
    histogram = np.zeros(groups * width, np.int64)
    blocks = np.zeros(groups * width >> shift, np.int64)
    by_group, by_block = np.arange(groups)[:, None], histogram.reshape(groups, -1, block)
    cells_per_day = groups * width
    day_count = (counted.last_day - counted.first_day).days + 1
    edges = np.searchsorted(counted.keys, np.arange(day_count + 1) * cells_per_day)

    def add(from_day: int, to_day: int, sign: int) -> None:
        rows = slice(edges[max(from_day, 0)], edges[max(to_day, 0)])
        cells, change = counted.keys[rows] % cells_per_day, counted.counts[rows] * sign
        np.add.at(histogram, cells, change)
        np.add.at(blocks, cells >> shift, change)

    first = (start - counted.first_day).days
    add(first - window_days + 1, first, 1)
    for day in range(first, day_count):
        add(day, day + 1, 1)
        upto = blocks.reshape(groups, -1).cumsum(axis=1)
        in_window = upto[:, -1].copy()
        ranks = ranks_of(in_window)
        block_of = (upto[:, None, :] < ranks[:, :, None]).sum(axis=2)
        before = np.where(block_of > 0, upto[by_group, block_of - 1], 0)
        inside = by_block[by_group, block_of].cumsum(axis=2)
        offset = (inside < (ranks - before)[:, :, None]).sum(axis=2)
        yield in_window, block_of * block + offset + counted.lowest
        add(day - window_days + 1, day - window_days + 2, -1)


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


def _tally_dense(keyed: pl.LazyFrame, size: int, *, weighted: bool) -> tuple[Integers, Integers]:
    """Count into one flat array, which beats hashing where many rows share few cells."""
    import numpy as np

    cells = np.zeros(size, np.int64 if weighted else np.int32)
    one = cells.dtype.type(1)  # np.add.at is twenty times slower when the two types differ
    for batch in keyed.collect_batches(chunk_size=ROWS_PER_BATCH, maintain_order=False):
        np.add.at(cells, batch["key"].to_numpy(), batch["weight"].to_numpy() if weighted else one)
    keys = np.flatnonzero(cells != 0)  # through a boolean it is three times faster
    return keys, cells[keys].astype(np.int64)


def _tally_sparse(keyed: pl.LazyFrame, size: int, *, weighted: bool) -> tuple[Integers, Integers]:
    counted = keyed.group_by("key").agg(pl.col("weight").sum().cast(pl.Int64) if weighted else pl.len().cast(pl.Int64))
    tallied = counted.collect(engine="streaming").sort("key")
    return tallied.to_series(0).to_numpy(), tallied.to_series(1).to_numpy()
