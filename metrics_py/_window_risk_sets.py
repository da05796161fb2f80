"""Risk sets of trailing windows, by adding up.

The items under watch at an age are those whose open life passes that age on a day of the window. Counted by opening
day and age they are a running total over days, so every window is a difference of two cells of one small array,
however many items there are and however many days are asked for.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from metrics_py._columns import require_dates
from metrics_py._risk_sets import (
    CAUSE,
    OPEN,
    OTHER,
    RiskSets,
    kind_of,
    numbered,
    only_columns,
    refuse,
    with_number,
    with_totals,
)
from metrics_py.errors import OutOfRangeError

if TYPE_CHECKING:
    from metrics_py._sliding import Integers

NEVER = 1 << 40  # a day no calendar reaches
NO_TOTALS = pl.DataFrame(schema=dict.fromkeys(("curve", "n", "events", "other_events"), pl.Int64))
NO_AGES = pl.DataFrame(schema=dict.fromkeys(("curve", "time", "at_risk", "events", "other_events"), pl.Int64))


def of_windows(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    opened: str,
    closed: str,
    by: list[str],
    window_days: int,
    start: date | None,
    end: date | None,
    event: str | None = None,
    cause: int | None = None,
    oldest: int | None = None,
) -> RiskSets:
    """Risk sets of every trailing window, one curve per group and day, as the day itself knew them.

    An item open when the window starts enters at its age there, the start day included; one closed after the day, or
    never, is watched up to the day. Ages above `oldest` are left out. Without an `event` code, every closing is of the
    cause.
    """
    import numpy as np

    if window_days < 1:
        raise OutOfRangeError(f"window_days must be 1 or more; found {window_days}; 1 is the day itself")
    if start and end and end < start:
        raise OutOfRangeError(f"end must not be before start; found start {start} and end {end}; swap them")
    items = only_columns(frame, [opened, closed, *([event] if event else []), *by])
    require_dates(items.schema, opened, closed)
    refuse(items, pl.col(opened).is_null(), f"{opened} must have a date")
    refuse(items, pl.col(closed) < pl.col(opened), f"{closed} must not be before {opened}")
    opened_first, seen_last = items.select(
        pl.col(opened).min().alias("first"), pl.max_horizontal(pl.col(opened).max(), pl.col(closed).max()).alias("last")
    ).row(0)
    start, end = start or opened_first, end or seen_last
    groups = numbered(items, by)
    days = pl.date_range(start, end, eager=True) if start and end else pl.Series([], dtype=pl.Date)
    curves = groups.drop("curve").join(days.alias("day").to_frame(), how="cross")
    curves = curves.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("curve"))
    if start is None or end is None or curves.height == 0:
        return RiskSets(with_totals(curves, NO_TOTALS), NO_AGES)
    first_day = min(start, opened_first or start)
    known = with_number(items.filter(pl.col(opened) <= end), groups, by).select(
        group="curve",
        opened=(pl.col(opened) - first_day).dt.total_days(),
        closed=(pl.col(closed) - first_day).dt.total_days().fill_null(NEVER),
        kind=kind_of(items, event, cause) if event else pl.lit(CAUSE, pl.Int8),
    )
    wanted = np.arange((start - first_day).days, (end - first_day).days + 1)
    totals, ages = [NO_TOTALS], [NO_AGES]
    for part in known.sort("group").partition_by("group", maintain_order=True):
        number = pl.col("day") + part["group"][0] * len(days)
        found = _of_group(
            part["opened"].to_numpy(), part["closed"].to_numpy(), part["kind"].to_numpy(), wanted, window_days, oldest
        )
        for frames, columns in zip((totals, ages), found, strict=True):
            frames.append(pl.DataFrame(columns).select(number.alias("curve"), pl.exclude("day")))
    return RiskSets(with_totals(curves, pl.concat(totals)), pl.concat(ages))


def _of_group(
    opened: Integers, closed: Integers, kind: Integers, wanted: Integers, window_days: int, oldest: int | None
) -> tuple[dict[str, Integers], dict[str, Integers]]:
    """Totals and risk sets of one group's windows; `wanted` are the consecutive days on which windows end."""
    import numpy as np

    days = int(wanted[-1]) + 1
    duration = np.where(closed < days, closed - opened, NEVER)
    counted = (duration < NEVER) & (kind != OPEN)
    longest = int(duration[counted].max(initial=0))
    ages = 1 + (longest if oldest is None else min(longest, oldest))
    after, before = wanted + 1, np.maximum(wanted + 1 - window_days, 0)

    def running_total(rows: Integers, columns: Integers) -> Integers:
        """Rows before each day, by age; the ages beyond the last share the last column."""
        cells = np.bincount(rows * (ages + 1) + np.minimum(columns, ages), minlength=days * (ages + 1))
        total = np.zeros((days + 1, ages + 1), np.int32)
        np.cumsum(cells.reshape(days, ages + 1), axis=0, out=total[1:])
        return total

    def in_windows(of_kind: int) -> Integers:
        these = counted & (kind == of_kind)
        total = running_total(closed[these], duration[these])
        return total[after] - total[before]

    events, other_events = in_windows(CAUSE), in_windows(OTHER)
    # opened before a day and still open at an age: the total from that age upwards
    survivors = running_total(opened, duration)[:, ::-1].cumsum(axis=1)[:, ::-1]
    closings = np.bincount(np.minimum(closed, days), minlength=days + 1)[:days].cumsum()
    openings = np.bincount(opened, minlength=days).cumsum()
    gone = np.where(before > 0, closings[before - 1], 0)
    day, age = np.nonzero((events + other_events)[:, :ages])
    at_risk = survivors[np.maximum(after[day] - age, 0), age] - survivors[np.maximum(before[day] - age, 0), age]
    numbers = np.arange(len(wanted))
    totals = {
        "day": numbers,
        "n": openings[wanted] - gone,
        "events": events.sum(axis=1),
        "other_events": other_events.sum(axis=1),
    }
    found = {
        "day": day,
        "time": age,
        "at_risk": at_risk,
        "events": events[day, age],
        "other_events": other_events[day, age],
    }
    return (
        {name: column.astype(np.int64) for name, column in totals.items()},
        {name: column.astype(np.int64) for name, column in found.items()},
    )
