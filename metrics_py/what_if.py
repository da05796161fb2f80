"""What CIRCT would read on a day to come, if some of the open insights launched on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import polars as pl

from metrics_py._columns import require_columns
from metrics_py.errors import OutOfRangeError, UnusableInputError
from metrics_py.percentile import rolling_percentile
from metrics_py.survival import rolling_km_quantile

COLUMNS = ("insight_id", "state", "started_on", "resolved_on", "cycle_days")
FRIDAY = 4


@dataclass(frozen=True)
class Outlook:
    """Readings of one day.

    `p90_launched` (days, nearest rank) of the `launched` insights in the window, null when there are none;
    `p90_with_open` (days, Kaplan-Meier), null when it is not reached; `share_within` (0 to 1) of the `started` insights
    whose fate is known, null when there are none; `overdue` counts the open ones past the limit.
    """

    day: date
    launched: int
    p90_launched: int | None
    p90_with_open: int | None
    started: int
    share_within: float | None
    overdue: int


@dataclass(frozen=True)
class WhatIf:
    """The readings of today, of the day asked for if nothing more launches, and of that day if the insights do."""

    today: Outlook
    without: Outlook
    launching: Outlook
    cycle_days: dict[str, int]


def what_if(
    insights: pl.DataFrame,
    *,
    launch: Sequence[str],
    on: date,
    today: date,
    window_days: int,
    percentile: float,
    limit_days: int,
) -> WhatIf:
    """CIRCT on a day to come, if these open insights launch on it and nothing else changes.

    Insights that stay open grow older until then, launches leave the trailing window, and both count: that is why the
    reading without any launch is given too.

    Args:
        insights: the insights of one org unit: `insight_id`, `state` (`resolved` and `open` are counted, any other is
            not), `started_on`, `resolved_on` (null while open) and `cycle_days`.
        launch: ids of open insights.
        on: the day they launch.
        today: the day the rows are known up to.
        window_days: length of the trailing window in calendar days.
        percentile: share between 0 and 1.
        limit_days: days within which an insight should be resolved.

    Raises:
        MissingColumnError: a column named above is not in the frame.
        OutOfRangeError: `on` lies before `today`.
        UnusableInputError: an id that is not there, or is not open.

    Source: METRICS.md, CIRCT; the three readings are those of `circt_by_day`.

    Examples:
        >>> first, launched = date(2025, 1, 1), date(2025, 1, 31)
        >>> insights = pl.DataFrame(
        ...     [("a", "resolved", first, launched, 30), ("b", "open", first, None, None)],
        ...     ["insight_id", "state", "started_on", "resolved_on", "cycle_days"], orient="row",
        ... )
        >>> answer = what_if(
        ...     insights, launch=["b"], on=date(2025, 2, 20), today=date(2025, 2, 14),
        ...     window_days=90, percentile=0.9, limit_days=45,
        ... )
        >>> answer.without.p90_launched, answer.launching.p90_launched
        (30, 50)
    """
    require_columns(insights.schema, COLUMNS)
    if on < today:
        raise OutOfRangeError(f"the day must not lie before {today}, up to which the rows are known; found {on}")
    counted = insights.select(COLUMNS).filter(pl.col("state").is_in(["resolved", "open"]))
    _require_open(insights, launch)
    chosen = pl.col("insight_id").is_in(list(launch))
    launched = counted.with_columns(
        resolved_on=pl.when(chosen).then(pl.lit(on)).otherwise("resolved_on"),
        cycle_days=pl.when(chosen).then((pl.lit(on) - pl.col("started_on")).dt.total_days()).otherwise("cycle_days"),
    )
    outlook = partial(_outlook, window_days=window_days, percentile=percentile, limit_days=limit_days)
    return WhatIf(
        today=outlook(counted, today),
        without=outlook(counted, on),
        launching=outlook(launched, on),
        cycle_days={
            insight: (on - started).days
            for insight, started in counted.filter(chosen).sort("insight_id").select("insight_id", "started_on").rows()
        },
    )


def _require_open(insights: pl.DataFrame, launch: Sequence[str]) -> None:
    states = dict(insights.filter(pl.col("insight_id").is_in(list(launch))).select("insight_id", "state").rows())
    unknown = sorted(set(launch) - states.keys())
    if unknown:
        raise UnusableInputError(f"no insight {', '.join(unknown)} here; the open ones are in ageing_insights")
    closed = sorted(f"{insight} is {state}" for insight, state in states.items() if state != "open")
    if closed:
        raise UnusableInputError(f"only an open insight can launch; {'; '.join(closed)}")


def _outlook(insights: pl.DataFrame, day: date, *, window_days: int, percentile: float, limit_days: int) -> Outlook:
    resolved = insights.filter(pl.col("resolved_on") <= day)
    launched = rolling_percentile(
        resolved,
        value="cycle_days",
        at="resolved_on",
        window_days=window_days,
        quantile=percentile,
        start=day,
        end=day,
    ).row(0, named=True)
    with_open = rolling_km_quantile(
        insights.filter(pl.col("started_on") <= day),
        opened="started_on",
        closed="resolved_on",
        window_days=window_days,
        quantile=percentile,
        start=day,
        end=day,
    )
    last_start = day - timedelta(days=limit_days)
    fates = insights.filter(
        pl.col("started_on").is_between(last_start - timedelta(days=window_days - 1), last_start)
    ).select(within=(pl.col("cycle_days") <= limit_days).fill_null(False))
    is_open = pl.col("resolved_on").is_null() | (pl.col("resolved_on") > day)
    overdue = insights.filter(is_open, pl.col("started_on") < last_start)
    return Outlook(
        day=day,
        launched=launched["n"],
        p90_launched=launched["value"],
        p90_with_open=with_open["value"][0],
        started=fates.height,
        share_within=fates["within"].mean() if fates.height else None,  # type: ignore[arg-type]
        overdue=overdue.height,
    )


def next_friday(today: date) -> date:
    """The Friday after a day; of a Friday, the one a week later.

    Examples:
        >>> next_friday(date(2026, 1, 31))
        datetime.date(2026, 2, 6)
    """
    return today + timedelta(days=(FRIDAY - today.weekday() - 1) % 7 + 1)
