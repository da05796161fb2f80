"""Exact rolling percentiles of whole-number durations, for every group and every calendar day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import polars as pl

from metrics_py._columns import labels_of, require_columns, require_dates, require_integers
from metrics_py._day_counts import EPOCH, DayCounts, count_by_day
from metrics_py._sliding import slide
from metrics_py.errors import OutOfRangeError

if TYPE_CHECKING:
    from metrics_py._sliding import Integers

FINEST_QUANTILE = 10**9  # denominators up to here keep rank arithmetic inside 64 bits for nine billion rows


def rolling_percentile(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    value: str,
    at: str,
    by: str | Sequence[str] = (),
    window_days: int = 90,
    quantile: float | Sequence[float] = 0.9,
    method: Literal["disc", "cont"] = "disc",
    count: str | None = None,
    start: date | None = None,
    end: date | None = None,
) -> pl.DataFrame:
    """Percentile of whole-number durations over a trailing window of calendar days.

    The value of day d is the percentile of the rows dated in `[d - window_days + 1, d]`. `disc` is the nearest rank
    (Hyndman-Fan type 1, SQL `PERCENTILE_DISC`), for which "P90 <= 45" says the same as "at least 90% within 45";
    `cont` interpolates (type 7, SQL `PERCENTILE_CONT`). Both are exact: a quantile is read as the decimal it was
    written as (0.9 is 9/10), ranks are whole numbers, and nothing is sampled or binned.

    Rows are first reduced to counts by group, day and value, in batches, so a lazy frame (`pl.scan_parquet`) larger
    than memory works, and counts made elsewhere give the same answer through `count`.

    Args:
        frame: one row per finished item, or per (group, day, duration) with its `count`. Rows whose `value` or `at`
            is null are left out.
        value: integer column, in whole units (days).
        at: date column, the day the row belongs to (for cycle time, the day of launch).
        by: columns to group by; a null label is a group of its own. Without any, the whole frame is one group.
        window_days: length of the window, the day itself included.
        quantile: share between 0 and 1, or several at once.
        method: `disc` or `cont`.
        count: integer column saying how many rows each row stands for.
        start: first day wanted; default the first dated row of the frame, the same for every group.
        end: last day wanted; default the last dated row. Rows after `end` do not count; rows before `start` do, as
            far as the windows reach.

    Returns:
        One row per group, every calendar day from start to end, and quantile, sorted so: `by` columns, `day`,
        `quantile` (only when a sequence was asked for), `n` (rows in the window) and `value` (the type of the input
        for `disc`, a float for `cont`). A window without rows has n 0 and a null value, never 0.

    Raises:
        MissingColumnError: a named column is not in the frame.
        OutOfRangeError: window_days below 1, a quantile outside 0 to 1, end before start, negative or null counts.
        UnusableInputError: a column of the wrong type or named like an output, or too wide a range of values.

    Source: Hyndman, R. J. and Fan, Y. (1996), Sample quantiles in statistical packages, The American Statistician 50.

    Examples:
        >>> launches = pl.DataFrame({"launched_on": [date(2025, 1, 1), date(2025, 1, 3)], "cycle_days": [20, 50]})
        >>> rolling_percentile(launches, value="cycle_days", at="launched_on", window_days=2).rows()
        [(datetime.date(2025, 1, 1), 1, 20), (datetime.date(2025, 1, 2), 1, 20), (datetime.date(2025, 1, 3), 1, 50)]
    """
    quantiles = [quantile] if isinstance(quantile, int | float) else list(quantile)
    _check_arguments(window_days, quantiles, method, start, end)
    outputs = {"day": pl.Date(), "quantile": pl.Float64(), "n": pl.Int64(), "value": pl.Float64()}
    if isinstance(quantile, int | float):
        del outputs["quantile"]
    labels, numbers = labels_of(by, outputs), [value, *([count] if count else [])]
    rows = frame.lazy()
    schema = rows.collect_schema()
    require_columns(schema, [*numbers, at, *labels])
    require_dates(schema, at)
    require_integers(schema, *numbers)
    if method == "disc":
        outputs["value"] = schema[value]
    counted = count_by_day(
        rows,
        value=value,
        at=at,
        by=labels,
        count=count,
        first_day=start - timedelta(days=window_days - 1) if start else None,
        last_day=end,
    )
    if counted is None:
        return pl.DataFrame(schema={label: schema[label] for label in labels} | outputs)
    shares = [Fraction(str(share)).limit_denominator(FINEST_QUANTILE) for share in quantiles]
    answers = _answers(counted, start or counted.first_day, window_days, shares, method)
    return answers.select(*labels, *(pl.col(name).cast(dtype) for name, dtype in outputs.items()))


def _answers(
    counted: DayCounts, start: date, window_days: int, shares: list[Fraction], method: Literal["disc", "cont"]
) -> pl.DataFrame:
    """All days, groups and quantiles, sorted by group, day and quantile as asked."""
    import numpy as np

    top = np.array([share.numerator for share in shares])
    bottom = np.array([share.denominator for share in shares])

    def ranks_of(in_window: Integers) -> Integers:
        n = in_window[:, None]
        if method == "disc":
            nearest: Integers = np.minimum(np.maximum(-(-n * top // bottom), 1), n)
            return nearest
        below = np.maximum(n - 1, 0) * top // bottom + 1
        return np.concatenate([np.minimum(below, n), np.minimum(below + 1, n)], axis=1)

    groups = counted.groups.height
    windows = list(
        slide(
            counted.days,
            groups=groups,
            block=counted.block,
            window_days=window_days,
            first=(start - counted.first_day).days,
            ranks_of=ranks_of,
        )
    )
    days, ranks = len(windows), len(shares) * (2 if method == "cont" else 1)
    n = np.array([in_window for in_window, _ in windows], np.int64).reshape(days, groups).T
    positions = np.array([found for _, found in windows], np.int64).reshape(days, groups, ranks)
    found = positions.swapaxes(0, 1) + counted.lowest
    if method == "cont":
        lower, upper = found[..., : len(shares)], found[..., len(shares) :]
        past_lower = (np.maximum(n[..., None] - 1, 0) * top % bottom) / bottom
        found = lower + (upper - lower) * past_lower
    repeat = days * len(shares)
    return pl.concat(
        [
            counted.groups.select(pl.all().repeat_by(repeat).explode()),
            pl.DataFrame(
                {
                    "day": np.tile(np.repeat(np.arange(days, dtype=np.int32), len(shares)), groups),
                    "quantile": np.tile([float(share) for share in shares], groups * days),
                    "n": np.repeat(n.ravel(), len(shares)),
                    "value": found.ravel(),
                }
            ),
        ],
        how="horizontal",
    ).with_columns(
        (pl.col("day") + (start - EPOCH).days).cast(pl.Date),
        pl.when(pl.col("n") > 0).then("value"),
    )


def _check_arguments(
    window_days: int, quantiles: list[float], method: str, start: date | None, end: date | None
) -> None:
    if window_days < 1:
        raise OutOfRangeError(f"window_days must be 1 or more; found {window_days}; 1 is the day itself")
    outside = [share for share in quantiles if not 0 <= share <= 1]
    if outside or not quantiles:
        raise OutOfRangeError(f"quantile must be one or more shares from 0 to 1; found {outside}; 0.9 is the P90")
    if method not in ("disc", "cont"):
        raise OutOfRangeError(f"method must be 'disc' (nearest rank) or 'cont' (interpolated); found {method!r}")
    if start and end and end < start:
        raise OutOfRangeError(f"end must not be before start; found start {start} and end {end}; swap them")
