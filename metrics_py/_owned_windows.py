"""Risk sets of trailing windows for units between which open items move.

An item belongs to one unit for good once it is closed, and while it is open to whoever has it on that day. The closed
items of a unit are counted as in `_window_risk_sets`; what that counts of items still open on a day is taken away,
and the items that the unit truly has open on that day are put in their place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from metrics_py._risk_sets import RiskSets

if TYPE_CHECKING:
    from metrics_py._sliding import Integers


def of_owned_windows(
    closed: pl.DataFrame, held: pl.DataFrame, *, window_days: int, start: date, end: date
) -> Iterator[RiskSets]:
    """Risk sets of every unit's windows that end from start to end, one curve per day, unit by unit.

    `closed` has `org_unit` (whose the item is once closed), `started_on`, `resolved_on` and `insight_count`; `held`
    has `org_unit`, `started_on`, the days `from_on` to the day before `until_on` on which that unit has the open item,
    and `insight_count`. An item open when the window starts enters at its age there, the start day included.
    """
    import numpy as np

    earliest = min(
        (d for d in (closed["started_on"].min(), held["started_on"].min()) if isinstance(d, date)), default=start
    )
    first_day = min(start, earliest)
    number = {column: (pl.col(column) - first_day).dt.total_days() for column in ("started_on", "resolved_on")}
    span = {column: (pl.col(column) - first_day).dt.total_days() for column in ("started_on", "from_on", "until_on")}
    of_unit = {unit: part for (unit,), part in closed.group_by("org_unit")}
    held_by = {unit: part for (unit,), part in held.group_by("org_unit")}
    wanted = np.arange((start - first_day).days, (end - first_day).days + 1)
    days = pl.date_range(start, end, eager=True).alias("day")
    for unit in sorted(of_unit.keys() | held_by.keys(), key=str):
        resolved = of_unit.get(unit, closed.clear()).select(**number, insight_count="insight_count")
        spans = held_by.get(unit, held.clear()).select(**span, insight_count="insight_count")
        totals, ages = _of_unit(
            tuple(column.to_numpy() for column in resolved),
            tuple(column.to_numpy() for column in spans),
            wanted,
            window_days,
        )
        curves = pl.DataFrame(days).with_columns(
            pl.lit(unit).alias("org_unit"), **{n: pl.Series(c) for n, c in totals.items()}
        )
        yield RiskSets(curves.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("curve")), pl.DataFrame(ages))


def _of_unit(
    resolved: tuple[Integers, ...], spans: tuple[Integers, ...], wanted: Integers, window_days: int
) -> tuple[dict[str, Integers], dict[str, Integers]]:
    import numpy as np

    opened, closed, weight = resolved
    held_opened, held_from, held_until, held_weight = spans
    days = int(wanted[-1]) + 1
    duration = closed - opened
    ages = 1 + int(duration.max(initial=0))
    after, before = wanted + 1, np.maximum(wanted + 1 - window_days, 0)

    def counted(rows: Integers, columns: Integers, weights: Integers, width: int) -> Integers:
        inside = (rows < days) & (columns < width)
        cells = np.bincount(rows[inside] * width + columns[inside], weights[inside], minlength=days * width)
        return np.rint(cells).astype(np.int32).reshape(days, width)

    def running(cells: Integers) -> Integers:
        total = np.zeros((cells.shape[0] + 1, cells.shape[1]), np.int32)
        np.cumsum(cells, axis=0, out=total[1:])
        return total

    events_until = running(counted(closed, duration, weight, ages))
    events = events_until[after] - events_until[before]
    survivors = running(counted(opened, duration, weight, ages)[:, ::-1].cumsum(axis=1, dtype=np.int32)[:, ::-1])
    # On each day, by opening day: the open items the unit has, less those of its closed items that were still open.
    moved_on = np.concatenate([held_from, held_until, opened, closed])
    started_on = np.concatenate([held_opened, held_opened, opened, opened])
    moves = counted(moved_on, started_on, np.concatenate([held_weight, -held_weight, -weight, weight]), days)
    replaced = np.zeros((days, days + 1), np.int32)
    np.cumsum(moves.cumsum(axis=0, dtype=np.int32), axis=1, out=replaced[:, 1:])
    taken, given = (
        np.bincount(np.minimum(on, days), held_weight, minlength=days + 1) for on in (held_from, held_until)
    )
    open_on = np.rint((taken - given)[:days].cumsum()).astype(np.int64)
    place, age = np.nonzero(events)
    upto, since = np.maximum(after[place] - age, 0), np.maximum(before[place] - age, 0)
    day = wanted[place]
    at_risk = survivors[upto, age] - survivors[since, age] + replaced[day, upto] - replaced[day, since]
    in_window = events.sum(axis=1)
    totals = {"n": in_window + open_on[wanted], "events": in_window, "other_events": np.zeros_like(in_window)}
    found = {
        "curve": place,
        "time": age,
        "at_risk": at_risk,
        "events": events[place, age],
        "other_events": np.zeros_like(place),
    }
    return (
        {name: column.astype(np.int64) for name, column in totals.items()},
        {name: column.astype(np.int64) for name, column in found.items()},
    )
