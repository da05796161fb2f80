"""Customer insight-to-resolution cycle time: counts in, the readings of every org unit and day or goal period out."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from metrics_py._columns import require_columns
from metrics_py._curves import age_at_quantile
from metrics_py._owned_windows import of_owned_windows
from metrics_py.interval import clopper_pearson_interval
from metrics_py.percentile import rolling_percentile

SEGMENTS = ("inbox_wait_days", "triage_days", "validation_days", "delivery_days")
READINGS = ("p90_launched_cont", *(f"p90_{segment}" for segment in SEGMENTS), "worst_uncertainty_days")


def window_percentiles(
    durations: pl.DataFrame,
    *,
    window_days: int,
    percentile: float,
    start: date,
    end: date,
) -> pl.DataFrame:
    """Percentiles of what was launched in the trailing window of each day, per org unit.

    Args:
        durations: one row per `org_unit`, `measure`, `ended_on` (date) and `days` (integer) with `insight_count`.
            Measure `cycle_days` is the headline, `uncertainty_days` the width of what is not known of the clock, and
            each name in `SEGMENTS` a part of it.
        window_days: length of the window in calendar days, the day itself included.
        percentile: share between 0 and 1.
        start: first day wanted.
        end: last day wanted.

    Returns:
        One row per org unit that launched anything and day, sorted: `org_unit`, `day`, `p90_launched` (days, nearest
        rank), `p90_launched_cont` (days, interpolated), `p90_<segment>` (days, nearest rank) and
        `worst_uncertainty_days`, the largest in the window. A window without launches has nulls, never 0.

    Raises:
        MissingColumnError: a column named above is not in the frame.

    Examples:
        >>> launched = {"org_unit": "company", "measure": "cycle_days", "days": [20, 50], "insight_count": [9, 1]}
        >>> durations = pl.DataFrame({**launched, "ended_on": [date(2025, 1, 1)] * 2})
        >>> day = date(2025, 1, 2)
        >>> window_percentiles(durations, window_days=90, percentile=0.9, start=day, end=day)["p90_launched"].to_list()
        [20]
    """
    require_columns(durations.schema, ["org_unit", "measure", "ended_on", "days", "insight_count"])

    asked: dict[str, Any] = {"value": "days", "at": "ended_on", "count": "insight_count", "window_days": window_days}
    asked |= {"start": start, "end": end}

    def of_measure(measure: str) -> pl.DataFrame:
        return durations.filter(pl.col("measure") == measure)

    parts = ("cycle_days", *SEGMENTS)
    # the measures as groups of one run, which goes through the days once
    nearest = rolling_percentile(
        durations.filter(pl.col("measure").is_in(parts)), by=["org_unit", "measure"], quantile=percentile, **asked
    ).partition_by("measure", as_dict=True, include_key=False)
    others = {
        **{f"p90_{segment}": nearest[(segment,)] for segment in SEGMENTS if (segment,) in nearest},
        "p90_launched_cont": rolling_percentile(
            of_measure("cycle_days"), by="org_unit", quantile=percentile, method="cont", **asked
        ),
        "worst_uncertainty_days": rolling_percentile(
            of_measure("uncertainty_days"), by="org_unit", quantile=1.0, **asked
        ),
    }
    empty = rolling_percentile(of_measure("cycle_days").clear(), by="org_unit", quantile=percentile, **asked)
    readings = nearest.get(("cycle_days",), empty).select("org_unit", "day", p90_launched="value")
    for column in READINGS:
        part = others.get(column, empty).select("org_unit", "day", pl.col("value").alias(column))
        readings = readings.join(part, on=["org_unit", "day"], how="left")
    return readings.sort("org_unit", "day")


def with_open_percentiles(
    clocks: pl.DataFrame,
    *,
    window_days: int,
    percentile: float,
    confidence: float,
    start: date,
    end: date,
) -> pl.DataFrame:
    """Percentile of the clock in each trailing window that counts the open insights too (Kaplan-Meier).

    Period view: an insight open when the window starts enters at its age there, the start day included, and one still
    open on the day is watched up to it. An open insight belongs to whoever has it on that day, a resolved one to the
    owner at launch.

    Args:
        clocks: one row per `org_unit`, `is_open`, `started_on`, `from_on`, `until_on` with `insight_count`. Open: the
            unit has the running clock from `from_on` to the day before `until_on`. Else: resolved on `from_on`.
        window_days: length of the window in calendar days.
        percentile: share between 0 and 1.
        confidence: confidence of the log-log (Brookmeyer-Crowley) interval, between 0 and 1.
        start: first day wanted.
        end: last day wanted.

    Returns:
        One row per org unit with any insight and day, sorted: `org_unit`, `day`, `p90_with_open` (days; null when not
        reached), `p90_with_open_ci_low`, `p90_with_open_ci_high` and `under_watch_count`.

    Raises:
        MissingColumnError: a column named above is not in the frame.
        OutOfRangeError: percentile or confidence not between 0 and 1.

    Examples:
        >>> first, launch, after = date(2025, 1, 1), date(2025, 1, 21), date(2025, 3, 1)
        >>> clocks = pl.DataFrame(
        ...     [("company", True, first, launch, 3), ("company", False, launch, after, 3)],
        ...     ["org_unit", "is_open", "from_on", "until_on", "insight_count"], orient="row",
        ... ).with_columns(started_on=pl.lit(first))
        >>> last = date(2025, 2, 1)
        >>> readings = with_open_percentiles(
        ...     clocks, window_days=90, percentile=0.9, confidence=0.95, start=last, end=last
        ... )
        >>> readings["p90_with_open"].to_list()
        [20]
    """
    require_columns(clocks.schema, ["org_unit", "is_open", "started_on", "from_on", "until_on", "insight_count"])
    closed = clocks.filter(~pl.col("is_open")).rename({"from_on": "resolved_on"})
    held = clocks.filter("is_open")
    units = of_owned_windows(closed, held, window_days=window_days, start=start, end=end)
    answers = [age_at_quantile(risk_sets, percentile, confidence) for risk_sets in units]
    if not answers:
        columns = ("p90_with_open", "p90_with_open_ci_low", "p90_with_open_ci_high", "under_watch_count")
        return pl.DataFrame(schema={"org_unit": pl.String, "day": pl.Date, **dict.fromkeys(columns, pl.Int64)})
    return pl.concat(answers).select(
        "org_unit",
        "day",
        p90_with_open="value",
        p90_with_open_ci_low="ci_low",
        p90_with_open_ci_high="ci_high",
        under_watch_count="n",
    )


def share_limits(counts: pl.DataFrame, *, confidence: float) -> pl.DataFrame:
    """Share of insights resolved in time, with its exact (Clopper-Pearson) interval.

    Args:
        counts: frame with `started_count` (insights whose fate is known) and `within_count` (those resolved in time).
        confidence: confidence of the interval, between 0 and 1.

    Returns:
        The frame with `share`, `ci_low` and `ci_high` added (shares 0 to 1; null where nothing was started).

    Raises:
        MissingColumnError: one of the two columns is not in the frame.
        OutOfRangeError: more insights in time than insights.

    Examples:
        >>> counts = pl.DataFrame({"started_count": [10, 0], "within_count": [9, 0]})
        >>> share_limits(counts, confidence=0.95)["share"].to_list()
        [0.9, None]
    """
    require_columns(counts.schema, ["started_count", "within_count"])
    pairs = counts.select("started_count", "within_count").unique().filter(pl.col("started_count") > 0)
    limits = [clopper_pearson_interval(within, started, confidence) for started, within in pairs.iter_rows()]
    known = pairs.with_columns(
        share=pl.col("within_count") / pl.col("started_count"),
        ci_low=pl.Series([low for low, _ in limits], dtype=pl.Float64),
        ci_high=pl.Series([high for _, high in limits], dtype=pl.Float64),
    )
    return counts.join(known, on=["started_count", "within_count"], how="left", maintain_order="left")


def day_readings(
    counts: pl.DataFrame,
    durations: pl.DataFrame,
    clocks: pl.DataFrame,
    *,
    window_days: int,
    percentile: float,
    confidence: float,
) -> pl.DataFrame:
    """Every reading of every org unit on every day.

    Args:
        counts: one row per `org_unit` and `day` with `started_count` and `within_count`, as `share_limits` reads them.
        durations: as `window_percentiles` reads them.
        clocks: as `with_open_percentiles` reads them.
        window_days: length of the window in calendar days.
        percentile: share between 0 and 1.
        confidence: confidence of the interval, between 0 and 1.

    Returns:
        One row per row of `counts`: `org_unit`, `period_start` (the day), `period_end` (the next day), `share`,
        `ci_low`, `ci_high` and the columns of `window_percentiles` and `with_open_percentiles`. Nulls where there is
        nothing to read.
    """
    shares = share_limits(counts.select("org_unit", "day", "started_count", "within_count"), confidence=confidence)
    first, last = counts["day"].min(), counts["day"].max()
    if not isinstance(first, date) or not isinstance(last, date):
        first = last = date(1970, 1, 1)
    launched = window_percentiles(durations, window_days=window_days, percentile=percentile, start=first, end=last)
    with_open = with_open_percentiles(
        clocks, window_days=window_days, percentile=percentile, confidence=confidence, start=first, end=last
    )
    return (
        shares.join(launched, on=["org_unit", "day"], how="left")
        .join(with_open, on=["org_unit", "day"], how="left")
        .drop("started_count", "within_count")
        .rename({"day": "period_start"})
        .with_columns(period_end=pl.col("period_start") + pl.duration(days=1))
        .sort("org_unit", "period_start")
    )


def goal_period_readings(
    counts: pl.DataFrame,
    durations: pl.DataFrame,
    *,
    percentile: float,
    confidence: float,
) -> pl.DataFrame:
    """Every reading of every org unit pooled over each goal period.

    Args:
        counts: one row per `org_unit`, `period_start` and `period_end` (the day after the last) with `last_day` (the
            last day of the period that has come), `started_count` and `within_count`.
        durations: as `window_percentiles` reads them.
        percentile: share between 0 and 1.
        confidence: confidence of the interval, between 0 and 1.

    Returns:
        One row per row of `counts` with the columns of `day_readings`; launches from `period_start` to `last_day`.
    """
    periods = counts.select("period_start", "period_end", "last_day").unique().sort("period_start", "period_end")
    pooled = [
        window_percentiles(
            durations, window_days=(last_day - start).days + 1, percentile=percentile, start=last_day, end=last_day
        )
        .drop("day")
        .with_columns(period_start=pl.lit(start, pl.Date), period_end=pl.lit(end, pl.Date))
        for start, end, last_day in periods.iter_rows()
    ]
    shares = share_limits(
        counts.select("org_unit", "period_start", "period_end", "started_count", "within_count"), confidence=confidence
    ).drop("started_count", "within_count")
    keys = ["org_unit", "period_start", "period_end"]
    if not pooled:
        pooled = [
            window_percentiles(
                durations.clear(), window_days=1, percentile=percentile, start=date(1970, 1, 1), end=date(1970, 1, 1)
            )
            .rename({"day": "period_start"})
            .with_columns(period_end=pl.col("period_start"))
        ]
    return shares.join(pl.concat(pooled), on=keys, how="left").sort(keys)
