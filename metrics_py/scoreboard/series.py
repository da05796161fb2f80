"""One reading over time: its points, what they are held against, and the sentence that says both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.rows import Goal, Value, Verdict


@dataclass(frozen=True)
class Series:
    """Points of one reading over time, for a chart; a missing value is a gap in the line."""

    label: str
    unit: str
    bound: str
    """`at least` or `at most`: on which side of the target it is won."""
    days: Sequence[date]
    values: Sequence[float | None]
    targets: Sequence[float | None]
    lows: Sequence[float | None] = ()
    """Lower ends of the 95% interval; empty when the reading has none."""
    highs: Sequence[float | None] = ()
    path: Sequence[tuple[date, float]] = ()
    """Both ends of the straight line that a reach goal asks for; empty when the same is asked all the time."""
    ends: Sequence[date] = ()
    """Where the points stand against that line, which is asked for at the end of a period; given with a path."""

    @property
    def places(self) -> Sequence[date]:
        """Where in time the points are drawn."""
        return self.ends or self.days

    def every(self, kept: slice) -> "Series":
        """Some of its points."""
        cut = {name: getattr(self, name)[kept] for name in ("days", "values", "targets", "lows", "highs", "ends")}
        return replace(self, **cut)


def series_of(
    reading: str, verdict: Verdict, values: Iterable[Value], bound: str, *, goal: Goal | None = None
) -> Series:
    """One reading over time, in the kind of period the goal is judged by; `goal` gives the line of a reach goal."""
    kind = (verdict.metric_id, reading, verdict.period_kind)
    points = sorted(
        (value for value in values if (value.metric_id, value.reading, value.period_kind) == kind),
        key=lambda value: value.period_start,
    )
    path = [] if goal is None else goal.line
    return Series(
        label=words.reading_word(reading),
        unit=points[0].unit if points else verdict.unit,
        bound=bound,
        days=[point.period_start for point in points],
        values=[point.value for point in points],
        targets=[point.target for point in points],
        lows=[point.ci_low for point in points],
        highs=[point.ci_high for point in points],
        path=path,
        ends=[min(point.period_end, verdict.period_end) for point in points] if path else [],
    )


def describe(series: Series) -> str:
    """A chart in a sentence, for those who do not see it.

    Examples:
        >>> days = [date(2025, 7, 1), date(2025, 10, 1)]
        >>> describe(Series("Headline", "score", "at least", days, [5.25, 6.5], [6.0, 6.0]))
        'Headline from 1 Jul 2025 to 1 Oct 2025: first 5.2, last 6.5, lowest 5.2, highest 6.5; target at least 6.0'
    """
    present = [(day, value) for day, value in zip(series.days, series.values, strict=True) if value is not None]
    if not present:
        return f"{series.label}: no value yet"
    values = [value for _, value in present]
    told = {"first": values[0], "last": values[-1], "lowest": min(values), "highest": max(values)}
    figures = ", ".join(f"{name} {number.quantity_text(value, series.unit)}" for name, value in told.items())
    target = target_of(series)
    held_against = "" if target is None else f"; target {series.bound} {number.quantity_text(target, series.unit)}"
    first, last = words.day_text(present[0][0]), words.day_text(present[-1][0])
    return f"{series.label} from {first} to {last}: {figures}{held_against}"


def target_of(series: Series) -> float | None:
    """The newest target of a reading; null when it has none."""
    return next((target for target in reversed(series.targets) if target is not None), None)
