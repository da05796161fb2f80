"""The next target as functions of published cells, so that each of its terms can be worked out again by a checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from metrics_py.okr.targets import MOST_INITIATIVES, Initiative, NextTarget, next_target

AGREED = 7
"""Cells before the initiatives: value, low and high, from and to, the period's first day and the day after its last."""


def proposal(values: Sequence[Any], *, is_forecast: bool, is_rising: bool) -> tuple[NextTarget, float, float]:
    """The next target and the slowest and fastest weekly change it rests on.

    Args:
        values: value, low, high, read on, due on, first day and day after the last of the time ahead, then effect,
            probability and launch of each initiative. With a forecast, low and high are where the value is likely to
            stand on `due on`, else they are weekly changes.
        is_forecast: whether they are a forecast.
        is_rising: whether higher is better.
    """
    value, low, high, read_on, due_on, start, end = values[:AGREED]
    if is_forecast:
        weeks = (due_on - read_on).days / 7
        low, high = (low - value) / weeks, (high - value) / weeks
    initiatives = [
        Initiative(name=str(place), effect=effect, probability=probability, live_on=live_on)
        for place, (effect, probability, live_on) in enumerate(
            tuple(values[first : first + 3]) for first in range(AGREED, len(values), 3)
        )
    ]
    made = next_target(
        value,
        momentum_per_week=(low, high),
        period_start=start,
        period_end=end,
        initiatives=initiatives,
        higher_is_better=is_rising,
    )
    return made, low, high


def _term(values: Sequence[Any], *, term: str, is_forecast: bool, is_rising: bool) -> float:
    made, slow, fast = proposal(values, is_forecast=is_forecast, is_rising=is_rising)
    if term == "slow":
        return slow
    if term == "fast":
        return fast
    if term == "momentum":
        return made.terms[1].value
    if term.startswith("initiative"):
        return made.terms[2 + int(term.removeprefix("initiative"))].value
    return float(getattr(made, term))


def _name(term: str, *, is_forecast: bool, is_rising: bool) -> str:
    return f"next_{term}_{'forecast' if is_forecast else 'pace'}_{'rising' if is_rising else 'falling'}"


NEXT_TARGET_OPERATIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    _name(term, is_forecast=is_forecast, is_rising=is_rising): partial(
        _term, term=term, is_forecast=is_forecast, is_rising=is_rising
    )
    for term in (
        *("momentum", "expected", "commit", "target", "stretch", "slow", "fast"),
        *(f"initiative{place}" for place in range(MOST_INITIATIVES)),
    )
    for is_forecast in (True, False)
    for is_rising in (True, False)
}
next_operation = _name
