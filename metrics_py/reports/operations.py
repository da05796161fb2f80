"""How a figure follows from published cells: each a named function, so that a checker can do the same sum again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from math import fsum
from typing import Any

from metrics_py.okr.progress import clamped, elapsed_share, progress
from metrics_py.reports.next_terms import NEXT_TARGET_OPERATIONS


def _cell(values: Sequence[Any]) -> Any:
    return values[0]


def _count(values: Sequence[Any]) -> Any:
    return sum(values)


def _difference(values: Sequence[Any]) -> Any:
    return values[0] - values[1]


def _mean(values: Sequence[Any]) -> Any:
    return fsum(values) / len(values)


def _days_between(values: Sequence[Any]) -> Any:
    return (values[1] - values[0]).days


def _day_before(values: Sequence[Any]) -> Any:
    return values[0] - timedelta(days=1)


def _attainment(values: Sequence[Any]) -> Any:
    value, baseline, target = values
    return progress(value, baseline=baseline, target=target)


def _mean_attainment(values: Sequence[Any]) -> Any:
    shares = [clamped(_attainment(values[start : start + 3])) for start in range(0, len(values), 3)]
    measured = [share for share in shares if share is not None]
    return fsum(measured) / len(measured) if measured else None


def _weeks_between(values: Sequence[Any]) -> Any:
    start, end = values
    return (end - start).days / 7


def _live_share(values: Sequence[Any]) -> Any:
    live_on, start, end = values
    return 1 - elapsed_share(live_on, start=start, end=end)


OPERATIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "cell": _cell,
    "count": _count,
    "difference": _difference,
    "days_between": _days_between,
    "day_before": _day_before,
    "attainment": _attainment,
    "mean": _mean,
    "mean_attainment": _mean_attainment,
    "weeks_between": _weeks_between,
    "live_share": _live_share,
    **NEXT_TARGET_OPERATIONS,
}
