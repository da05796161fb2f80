"""A histogram of whole numbers per group that slides along the days, and the ranks read off it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.integer[Any]]


class Days(Protocol):
    """Counts by day, with the histogram of the days added so far and its sums over blocks of neighbouring values."""

    day_count: int
    histogram: Integers

    def add(self, day: int) -> None:
        """Take a day into the histogram."""

    def remove(self, day: int) -> None:
        """Take a day out of it."""

    def blocks(self) -> Integers:
        """Sums of the histogram over blocks."""


class FullDays:
    """One full histogram per day: quickest where most cells are hit."""

    def __init__(self, cells: Integers, block: int) -> None:
        import numpy as np

        self.cells, self.day_count = cells, len(cells)
        self.histogram: Integers = np.zeros(cells.shape[1], cells.dtype)
        self.block_starts = np.arange(0, cells.shape[1], block)

    def add(self, day: int) -> None:
        """Take a day into the histogram."""
        self.histogram += self.cells[day]

    def remove(self, day: int) -> None:
        """Take a day out of it."""
        self.histogram -= self.cells[day]

    def blocks(self) -> Integers:
        """Sums of the histogram over blocks."""
        import numpy as np

        sums: Integers = np.add.reduceat(self.histogram, self.block_starts)
        return sums


class ListedDays:
    """Only the cells that are hit, as sorted keys `day * cells_per_day + cell` with their counts."""

    def __init__(self, keys: Integers, counts: Integers, day_count: int, cells_per_day: int, block: int) -> None:
        import numpy as np

        self.keys, self.counts, self.day_count, self.block = keys, counts, day_count, block
        self.cells_per_day = cells_per_day
        self.edges = np.searchsorted(keys, np.arange(day_count + 1) * cells_per_day)
        self.histogram: Integers = np.zeros(cells_per_day, np.int64)
        self.block_sums: Integers = np.zeros(cells_per_day // block, np.int64)

    def add(self, day: int) -> None:
        """Take a day into the histogram."""
        self._change(day, 1)

    def remove(self, day: int) -> None:
        """Take a day out of it."""
        self._change(day, -1)

    def blocks(self) -> Integers:
        """Sums of the histogram over blocks."""
        return self.block_sums

    def _change(self, day: int, sign: int) -> None:
        import numpy as np

        rows = slice(self.edges[day], self.edges[day + 1])
        cells, change = self.keys[rows] - day * self.cells_per_day, self.counts[rows] * sign
        self.histogram[cells] += change  # a day lists a cell once
        np.add.at(self.block_sums, cells // self.block, change)


def slide(
    days: Days, *, groups: int, block: int, window_days: int, first: int, ranks_of: Callable[[Integers], Integers]
) -> Iterator[tuple[Integers, Integers]]:
    """For each day from `first` on: rows in the window per group, and the positions of the values at some ranks.

    `ranks_of` maps the rows of all groups, shape (groups,), to ranks from 1, shape (groups, ranks).
    """
    import numpy as np

    by_group, by_block = np.arange(groups)[:, None], days.histogram.reshape(groups, -1, block)
    for day in range(max(first - window_days + 1, 0), first):
        days.add(day)
    for day in range(first, days.day_count):
        days.add(day)
        upto = days.blocks().reshape(groups, -1).cumsum(axis=1)
        in_window = upto[:, -1].copy()
        ranks = ranks_of(in_window)
        block_of = (upto[:, None, :] < ranks[:, :, None]).sum(axis=2)
        before = np.where(block_of > 0, upto[by_group, block_of - 1], 0)
        inside = by_block[by_group, block_of].cumsum(axis=2)
        offset = (inside < (ranks - before)[:, :, None]).sum(axis=2)
        yield in_window, block_of * block + offset
        if day >= window_days - 1:
            days.remove(day - window_days + 1)
