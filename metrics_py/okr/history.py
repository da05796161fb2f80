"""The history of every key result: the days it is judged on, and its verdict and evidence on each."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from metrics_py.okr.evaluation import key_result_statuses
from metrics_py.okr.rules import DEFAULT_RULES, THRESHOLDS, StatusRules


def evaluation_days(start: date, end: date, *, as_of_on: date, lag_days: int = 0) -> list[date]:
    """Days on which a key result is judged: its Mondays, the day it closes, and today.

    The weeks end when nothing can change any more, which is a measurement lag after the close.

    Args:
        start: first day of its period.
        end: the day after its last.
        as_of_on: today; later days are not known.
        lag_days: days until an event shows in the result.
    Returns: the days in order; none before the period.

    Examples:
        >>> days = evaluation_days(date(2025, 7, 1), date(2025, 10, 1), as_of_on=date(2026, 1, 30))
        >>> len(days), [day.isoformat() for day in days[:2] + days[-3:]]
        (15, ['2025-07-07', '2025-07-14', '2025-09-29', '2025-10-01', '2026-01-30'])
    """
    last = min(as_of_on, end + timedelta(days=lag_days))
    monday = start + timedelta(days=-start.weekday() % 7)
    mondays = [monday + timedelta(days=7 * week) for week in range(max((last - monday).days // 7 + 1, 0))]
    closing = [day for day in (end, end + timedelta(days=lag_days)) if day <= as_of_on]
    return sorted({day for day in (*mondays, *closing, as_of_on) if day >= start})


def evaluations(
    key_results: pl.DataFrame,
    readings: pl.DataFrame,
    *,
    as_of_on: date,
    milestones: pl.DataFrame,
    initiatives: pl.DataFrame,
    rules: pl.DataFrame,
) -> pl.DataFrame:
    """Verdict and evidence of every key result on each of its days, as the warehouse keeps them.

    Args:
        key_results: rows of dim_key_results.
        readings: rows of int_goals__key_result_readings.
        as_of_on: today.
        milestones: rows of the seed key_result_milestones.
        initiatives: rows of initiative_links; a launch still to come counts on its planned day, a late one not at all.
        rules: the one row of the seed key_result_rules.
    Returns: the columns of `STATUS_SCHEMA`, one row per key result and day.
    Raises: as `key_result_statuses`.
    """
    days: Mapping[str, Sequence[date]] = {
        name: evaluation_days(start, end, as_of_on=as_of_on, lag_days=lag or 0)
        for name, start, end, lag in key_results.select(
            "key_result_id", "period_start", "period_end", "measurement_lag_days"
        ).iter_rows()
    }
    launches = initiatives.select(
        "key_result_id",
        pl.coalesce("launch_on", pl.when(pl.col("status") == "planned").then("planned_launch_on")).alias("launched_on"),
    ).drop_nulls()
    thresholds = rules.select(THRESHOLDS).row(0, named=True) if rules.height else {}
    return key_result_statuses(
        key_results,
        readings,
        evaluated_on=days,
        milestones=milestones,
        launches=launches,
        rules=StatusRules(**thresholds) if thresholds else DEFAULT_RULES,
    )
