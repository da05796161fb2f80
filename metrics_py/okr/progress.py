"""How far a key result has come, how far it should have come by now, and how fast it has to go from here.

Every number is raw (may be below 0 or above 1) and free of direction: a fall from 20 to 10 and a rise from 10 to 20
progress alike. Days elapsed on a day are the days before it; periods are half-open, so that the due date of a quarter
is the first day of the next. Only roll-ups clamp.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import Literal, TypeAlias

from metrics_py.errors import OutOfRangeError

ExpectedMode: TypeAlias = Literal["milestones", "launch_aware", "linear", "none"]
GoalType: TypeAlias = Literal["reach", "maintain"]
Milestone: TypeAlias = tuple[date, float]
Reading: TypeAlias = tuple[date, float]


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected progress, and which rule gave it; `value` is null for what is never interpolated."""

    value: float | None
    mode: ExpectedMode


def progress(value: float | None, *, baseline: float | None, target: float | None) -> float | None:
    """Share of the way from baseline to target, `(x - b) / (T - b)`.

    Null without a value, and where baseline and target leave no way to go. Source: METRICS.md, Key results.

    Examples:
        >>> round(progress(64, baseline=58, target=72), 4)
        0.4286
        >>> progress(8, baseline=20, target=10)
        1.2
        >>> progress(None, baseline=58, target=72) is None
        True
    """
    if value is None or baseline is None or target is None or target == baseline:
        return None
    return (value - baseline) / (target - baseline)


def clamped(share: float | None) -> float | None:
    """Progress held inside 0..1, for roll-ups only; null stays null.

    Examples:
        >>> clamped(1.2), clamped(-0.1), clamped(None)
        (1.0, 0.0, None)
    """
    return None if share is None else min(max(float(share), 0.0), 1.0)


def elapsed_share(on: date, *, start: date, end: date) -> float:
    """Share of the half-open period `[start, end)` that lies before a day, inside 0..1.

    Raises: OutOfRangeError for a period without days.

    Examples:
        >>> round(elapsed_share(date(2025, 8, 19), start=date(2025, 7, 1), end=date(2025, 10, 1)), 4)
        0.5326
    """
    if end <= start:
        raise OutOfRangeError(
            f"a period ends after it starts; found {start} to {end}. The end is the day after the last"
        )
    return min(max((on - start).days / (end - start).days, 0.0), 1.0)


def expected_progress(
    on: date,
    *,
    period_start: date,
    period_end: date,
    baseline: float | None = None,
    target: float | None = None,
    baseline_on: date | None = None,
    goal_type: GoalType = "reach",
    milestones: Sequence[Milestone] = (),
    launched_on: date | None = None,
    lag_days: int = 0,
) -> Expected:
    """Progress that the plan implies by a day: along dated milestones, else from the launch that moves it, else linear.

    Args:
        on: the day, whose own events are not yet counted.
        period_start: first day of the period.
        period_end: the day after its last.
        baseline: value the key result starts from; needed for milestones.
        target: value it should reach; needed for milestones.
        baseline_on: the day of the baseline; when it is later than `period_start`, the line starts there.
        goal_type: "maintain" is never interpolated and expects nothing.
        milestones: days and the values due on them, joined by straight lines from baseline to target.
        launched_on: the first launch, done or planned, of the initiatives that move it.
        lag_days: days until a user reached by the launch can show in the metric.
    Returns: the expected progress on 0..1 (milestones may leave it) and its mode. With a launch it is 0 until launch
        plus lag and 1 at `period_end`; a launch whose effect shows only after the period leaves it at 0 until then.
    Raises: OutOfRangeError for a period without days, a milestone outside it or a negative lag.

    Source: METRICS.md and RULINGS.md, Key results.

    Examples:
        >>> quarter = {"period_start": date(2025, 7, 1), "period_end": date(2025, 10, 1)}
        >>> linear = expected_progress(date(2025, 8, 19), **quarter)
        >>> round(linear.value, 4), linear.mode
        (0.5326, 'linear')
        >>> expected_progress(date(2025, 8, 19), **quarter, launched_on=date(2025, 8, 5), lag_days=30)
        Expected(value=0.0, mode='launch_aware')
    """
    start = max(period_start, baseline_on) if baseline_on else period_start
    share = elapsed_share(on, start=start, end=period_end)
    if lag_days < 0:
        raise OutOfRangeError(f"lag_days must be 0 or more; found {lag_days}")
    if goal_type == "maintain":
        return Expected(None, "none")
    if milestones:
        return Expected(_along(milestones, on, start, period_end, baseline, target), "milestones")
    if launched_on is None:
        return Expected(share, "linear")
    live_on = max(start, launched_on + timedelta(days=lag_days))
    if live_on >= period_end:
        return Expected(1.0 if on >= period_end else 0.0, "launch_aware")
    return Expected(elapsed_share(on, start=live_on, end=period_end), "launch_aware")


def progress_ratio(actual: float | None, expected: float | None) -> float | None:
    """Progress over expected progress, `p / E`; null where either is unknown or nothing is expected yet.

    Examples:
        >>> round(progress_ratio(6 / 14, 49 / 92), 3)
        0.805
        >>> progress_ratio(0.1, 0.0) is None
        True
    """
    return None if actual is None or not expected or expected <= 0 else actual / expected


def pace(value: float | None, *, baseline: float | None, since: date, on: date) -> float | None:
    """Observed change per day since the baseline, in the unit of the value; null on the day of the baseline itself.

    Examples:
        >>> round(7 * pace(64, baseline=58, since=date(2025, 7, 1), on=date(2025, 8, 19)), 3)
        0.857
    """
    days = (on - since).days
    return None if value is None or baseline is None or days <= 0 else (value - baseline) / days


def required_pace(value: float | None, *, target: float | None, on: date, period_end: date) -> float | None:
    """Change per day that would still reach the target by the period's end; null once the period is over.

    Examples:
        >>> round(7 * required_pace(64, target=72, on=date(2025, 8, 19), period_end=date(2025, 10, 1)), 3)
        1.302
    """
    days = (period_end - on).days
    return None if value is None or target is None or days <= 0 else (target - value) / days


def pace_forecast(value: float | None, *, daily: float | None, on: date, period_end: date) -> float | None:
    """Value at the period's end if the observed pace goes on; the plain rival of `metrics_py.forecast`.

    Examples:
        >>> round(pace_forecast(64, daily=6 / 49, on=date(2025, 8, 19), period_end=date(2025, 10, 1)), 1)
        69.3
    """
    return None if value is None or daily is None else value + daily * max((period_end - on).days, 0)


def best_pace(readings: Iterable[Reading], *, span_days: int, rising: bool) -> float | None:
    """Fastest change per day in the wanted direction ever seen over a like span: half to twice `span_days`.

    Shorter spans are left out because one noisy week outruns every quarter. Null when no two readings lie so far apart.

    Args:
        readings: days and values, of this period and earlier ones.
        span_days: the days that remain.
        rising: true when the target is above the baseline.
    Returns: the change per day with its own sign: negative where lower is better.

    Examples:
        >>> seen = [(date(2025, 7, 1), 58.0), (date(2025, 7, 8), 61.0), (date(2025, 8, 19), 64.0)]
        >>> round(7 * best_pace(seen, span_days=43, rising=True), 3)
        0.857
    """
    ordered = sorted(readings)
    rates = [
        (later - earlier) / (until - since).days
        for place, (since, earlier) in enumerate(ordered)
        for until, later in ordered[place + 1 :]
        if span_days <= 2 * (until - since).days <= 4 * span_days and until > since
    ]
    return (max if rising else min)(rates, default=None)


def matured_share(on: date, *, start: date, lag_days: int) -> float | None:
    """Share of the exposure so far that has had its measurement lag: `(elapsed - lag) / elapsed`, on 0..1.

    Exposure is taken to arrive evenly. Without a lag everything has matured; null before anything was exposed.

    Examples:
        >>> round(matured_share(date(2025, 8, 19), start=date(2025, 7, 1), lag_days=30), 3)
        0.388
    """
    elapsed = (on - start).days
    if lag_days == 0:
        return 1.0
    return None if elapsed <= 0 else max(elapsed - lag_days, 0) / elapsed


def matured_on(on: date, *, start: date, lag_days: int, share: float | None, needed: float = 0.5) -> date:
    """First day on which at least `needed` of the exposure will have matured.

    What has not matured stays as long as the lag, or as what the stated share leaves, whichever is longer.

    Args:
        on: the day the share was stated.
        start: first day of exposure.
        lag_days: the measurement lag.
        share: matured share stated with the reading; null takes the lag alone.
        needed: the share that makes it readable, below 1.

    Examples:
        >>> matured_on(date(2025, 8, 19), start=date(2025, 7, 1), lag_days=30, share=None)
        datetime.date(2025, 8, 30)
    """
    waiting = float(lag_days)
    if share is not None:
        waiting = max(waiting, (on - start).days * (1 - share))
    return start + timedelta(days=ceil(round(waiting / (1 - needed), 9)))


def _along(
    milestones: Sequence[Milestone],
    on: date,
    start: date,
    end: date,
    baseline: float | None,
    target: float | None,
) -> float | None:
    outside = [due for due, _ in milestones if not start < due <= end]
    if outside:
        raise OutOfRangeError(f"a milestone lies after {start} and not after {end}; found {outside[0]}. Move it inside")
    due_values = [(start, 0.0)]
    for due, value in sorted(milestones):
        share = progress(value, baseline=baseline, target=target)
        if share is None:
            return None
        due_values.append((due, share))
    if due_values[-1][0] < end:
        due_values.append((end, 1.0))
    if on <= start:
        return 0.0
    for (since, earlier), (until, later) in pairwise(due_values):
        if on <= until:
            return earlier + (later - earlier) * (on - since).days / (until - since).days
    return due_values[-1][1]
