"""How long things take when some are still open: Kaplan-Meier and Aalen-Johansen, once and over rolling windows.

Leaving open items out makes a backlog look like speed. Here an item still open counts as watched up to its age, one
that was open when a window starts counts from its age there, and what cannot be known yet is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from metrics_py._columns import labels_of
from metrics_py._curves import age_at_quantile, share_by_age
from metrics_py._risk_sets import of_items
from metrics_py._window_risk_sets import of_windows

QUANTILE_COLUMNS = ("n", "events", "value", "ci_low", "ci_high", "reached")
SHARE_COLUMNS = ("n", "events", "share", "ci_low", "ci_high")
CAUSE_COLUMNS = ("n", "events", "other_events", "share", "se", "ci_low", "ci_high")
TAKEN = ("curve", *dict.fromkeys(QUANTILE_COLUMNS + CAUSE_COLUMNS))


def km_quantile(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    time: str,
    event: str,
    entry: str | None = None,
    quantile: float = 0.9,
    confidence: float = 0.95,
    by: str | Sequence[str] = (),
) -> pl.DataFrame:
    """Age by which a share of items has resolved, open ones included: the Kaplan-Meier quantile.

    The first age at which S has come down to 1 - quantile (within 1e-9). The Brookmeyer-Crowley limits are the first
    ages at which the lower and the upper side of the log-log band have. On a tied day, events precede censorings.

    Args:
        frame: one row per item.
        time: its age in days when it resolved, or when last seen open; 0 or more.
        event: 1 or true when it resolved at that age, 0 or false when it was still open.
        entry: its age when watching began (delayed entry): it is at risk at ages above. Null means from the start.
        quantile: share between 0 and 1.
        confidence: level of the interval.
        by: columns to group by.

    Returns:
        One row per group, sorted: `by` columns, `n` items, `events` resolved, `value`, `ci_low`, `ci_high` in days and
        `reached`. A value or limit that the curve does not come down to is null, and `reached` says it of the value.
        Without `by`, a frame without rows gives one row with n 0 and nulls.

    Raises:
        MissingColumnError: a named column is not in the frame.
        OutOfRangeError: a null or negative age, an event that is not 0 or 1, an entry not below its time.
        UnusableInputError: a column of the wrong type, or a label named like an output.

    Source: Brookmeyer and Crowley (1982), Biometrics 38; the conventions of R's `survival::quantile.survfit` with
    `conf.type = "log-log"`, but the first age of an exact flat, where R takes its middle.

    Examples:
        >>> insights = pl.DataFrame({"age_days": [10, 20, 30, 40], "is_resolved": [True, True, False, True]})
        >>> km_quantile(insights, time="age_days", event="is_resolved", quantile=0.5).rows()
        [(4, 3, 20, 10, None, True)]
    """
    labels = labels_of(by, TAKEN)
    risk_sets = of_items(frame, time=time, event=event, entry=entry, by=labels)
    return age_at_quantile(risk_sets, quantile, confidence).select(*labels, *QUANTILE_COLUMNS)


def km_share_by(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    time: str,
    event: str,
    at: float,
    entry: str | None = None,
    confidence: float = 0.95,
    by: str | Sequence[str] = (),
) -> pl.DataFrame:
    """Share of items resolved by an age, open ones included: the Kaplan-Meier estimate 1 - S(at), with log-log limits.

    The age itself is included. Past the oldest item the curve stays where it was, so the share is then a lower bound.

    Args:
        frame, time, event, entry, confidence, by: as in `km_quantile`.
        at: the age in days.

    Returns:
        One row per group, sorted: `by` columns, `n`, `events`, `share`, `ci_low`, `ci_high`, all shares 0 to 1. The
        share is null where nothing at all has resolved, the limits also where it is 0 or 1.

    Raises:
        MissingColumnError, OutOfRangeError, UnusableInputError: as in `km_quantile`.

    Source: Kaplan and Meier (1958), JASA 53; Kalbfleisch and Prentice (2002), section 1.4, for the log-log limits.

    Examples:
        >>> insights = pl.DataFrame({"age_days": [10, 20, 30, 60], "is_resolved": [True, True, False, True]})
        >>> km_share_by(insights, time="age_days", event="is_resolved", at=45).select("n", "events", "share").rows()
        [(4, 3, 0.5)]
    """
    labels = labels_of(by, TAKEN)
    risk_sets = of_items(frame, time=time, event=event, entry=entry, by=labels)
    return share_by_age(risk_sets, at, confidence).select(*labels, *SHARE_COLUMNS)


def aj_share_by(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    time: str,
    event: str,
    at: float,
    cause: int = 1,
    entry: str | None = None,
    confidence: float = 0.95,
    by: str | Sequence[str] = (),
) -> pl.DataFrame:
    """Share of items closed by one cause by an age, where others close them too: the Aalen-Johansen estimate.

    Treating items closed as won't-do as still open pretends they may yet be launched, and overstates the share.

    Args:
        frame, time, entry, confidence, by: as in `km_quantile`.
        event: 0 while open, else a whole number for what closed the item.
        at: the age in days, included.
        cause: the code whose share is wanted; every other code but 0 competes with it.

    Returns:
        One row per group, sorted: `by` columns, `n`, `events` (of the cause), `other_events`, `share`, `se`
        (Greenwood's form; without delayed entry it equals the infinitesimal jackknife), `ci_low`, `ci_high` (log-log
        on 1 - share: the limits of `km_share_by` when nothing competes). Nulls as in `km_share_by`.

    Raises:
        MissingColumnError, OutOfRangeError, UnusableInputError: as in `km_quantile`.

    Source: Aalen and Johansen (1978), Scandinavian Journal of Statistics 5; without delayed entry the standard error
    of R's multi-state `survival::survfit`.

    Examples:
        >>> insights = pl.DataFrame({"age_days": [10, 20, 30, 60], "outcome": [1, 2, 0, 1]})
        >>> aj_share_by(insights, time="age_days", event="outcome", at=60).select("other_events", "share").rows()
        [(1, 0.75)]
    """
    labels = labels_of(by, TAKEN)
    risk_sets = of_items(frame, time=time, event=event, entry=entry, by=labels, cause=cause)
    return share_by_age(risk_sets, at, confidence).select(*labels, *CAUSE_COLUMNS)


def rolling_km_quantile(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    opened: str,
    closed: str,
    by: str | Sequence[str] = (),
    window_days: int = 90,
    quantile: float = 0.9,
    confidence: float = 0.95,
    start: date | None = None,
    end: date | None = None,
) -> pl.DataFrame:
    """`km_quantile` over a trailing window of calendar days, for every group and day, as each day knew it.

    The window of day d is `[d - window_days + 1, d]`. An item open when it starts enters at its age there, counting
    the start day; one that closed before does not count; one still open on d is watched up to d, even if it has
    closed since.

    Args:
        frame: one row per item.
        opened: date the item opened.
        closed: date it was resolved; null while open.
        by: columns to group by; an item belongs to one group on all days.
        window_days: length of the window, the day itself included.
        quantile, confidence: as in `km_quantile`.
        start: first day wanted; default the first day on which an item opened.
        end: last day wanted; default the last day on which an item opened or closed.

    Returns:
        One row per group and calendar day, sorted: `by` columns, `day`, and the columns of `km_quantile`, where `n`
        are the items under watch in the window.

    Raises:
        MissingColumnError: a named column is not in the frame.
        OutOfRangeError: an item without an opening date or closed before it, window_days below 1, end before start.
        UnusableInputError: a column of the wrong type, or a label named like an output.

    Source: as `km_quantile`; the period view of delayed entry: Keiding (1990), Phil. Trans. R. Soc. A 332.

    Examples:
        >>> insights = pl.DataFrame({"opened_on": [date(2025, 1, 1)] * 2, "launched_on": [date(2025, 1, 3), None]})
        >>> rolling_km_quantile(insights, opened="opened_on", closed="launched_on", quantile=0.5).row(-1)
        (datetime.date(2025, 1, 3), 2, 1, 2, 2, None, True)
    """
    labels = labels_of(by, ("day", *TAKEN))
    risk_sets = of_windows(
        frame,
        opened=opened,
        closed=closed,
        by=labels,
        window_days=window_days,
        start=start,
        end=end,
    )
    return age_at_quantile(risk_sets, quantile, confidence).select(*labels, "day", *QUANTILE_COLUMNS)


def rolling_km_share_by(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    opened: str,
    closed: str,
    at: int,
    by: str | Sequence[str] = (),
    window_days: int = 90,
    confidence: float = 0.95,
    start: date | None = None,
    end: date | None = None,
) -> pl.DataFrame:
    """`km_share_by` over a trailing window of calendar days, for every group and day, as each day knew it.

    Args:
        frame, opened, closed, by, window_days, start, end: as in `rolling_km_quantile`.
        at, confidence: as in `km_share_by`.

    Returns:
        One row per group and calendar day, sorted: `by` columns, `day`, and the columns of `km_share_by`.

    Raises:
        MissingColumnError, OutOfRangeError, UnusableInputError: as in `rolling_km_quantile`.

    Source: as `km_share_by` and `rolling_km_quantile`.

    Examples:
        >>> insights = pl.DataFrame({"opened_on": [date(2025, 1, 1)] * 2, "launched_on": [date(2025, 1, 3), None]})
        >>> rolling_km_share_by(insights, opened="opened_on", closed="launched_on", at=45)["share"].to_list()
        [None, None, 0.5]
    """
    labels = labels_of(by, ("day", *TAKEN))
    risk_sets = of_windows(
        frame,
        opened=opened,
        closed=closed,
        by=labels,
        window_days=window_days,
        oldest=at,
        start=start,
        end=end,
    )
    return share_by_age(risk_sets, at, confidence).select(*labels, "day", *SHARE_COLUMNS)


def rolling_aj_share_by(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    opened: str,
    closed: str,
    event: str,
    at: int,
    cause: int = 1,
    by: str | Sequence[str] = (),
    window_days: int = 90,
    confidence: float = 0.95,
    start: date | None = None,
    end: date | None = None,
) -> pl.DataFrame:
    """`aj_share_by` over a trailing window of calendar days, for every group and day, as each day knew it.

    Args:
        frame, opened, by, window_days, start, end: as in `rolling_km_quantile`.
        closed: date the item was closed, by whatever cause; null while open.
        event: whole number for what closed it, 0 while open.
        at, cause, confidence: as in `aj_share_by`.

    Returns:
        One row per group and calendar day, sorted: `by` columns, `day`, and the columns of `aj_share_by`.

    Raises:
        MissingColumnError, OutOfRangeError, UnusableInputError: as in `rolling_km_quantile`.

    Source: as `aj_share_by` and `rolling_km_quantile`.

    Examples:
        >>> insights = pl.DataFrame(
        ...     {"opened_on": [date(2025, 1, 1)] * 2, "closed_on": [date(2025, 1, 2), date(2025, 1, 3)], "code": [2, 1]}
        ... )
        >>> rolling_aj_share_by(insights, opened="opened_on", closed="closed_on", event="code", at=45)["share"][-1]
        0.5
    """
    labels = labels_of(by, ("day", *TAKEN))
    risk_sets = of_windows(
        frame,
        opened=opened,
        closed=closed,
        event=event,
        by=labels,
        cause=cause,
        window_days=window_days,
        oldest=at,
        start=start,
        end=end,
    )
    return share_by_age(risk_sets, at, confidence).select(*labels, "day", *CAUSE_COLUMNS)
