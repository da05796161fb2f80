"""Where a key result has been, where it should be, and where it is expected to end: what its chart is drawn from."""

from dataclasses import dataclass
from datetime import date

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.series import Series


@dataclass(frozen=True)
class Outlook:
    """A forecast for the end of the period with its 80% and 95% intervals."""

    made_on: date
    target_on: date
    value: float
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None


@dataclass(frozen=True)
class Fan:
    """The readings of a key result, the straight line asked of it, and its outlook where there is one."""

    series: Series
    starts_on: date
    ends_on: date
    baseline: float | None
    target: float | None
    outlook: Outlook | None


def describe_fan(fan: Fan) -> str:
    """The chart in a sentence, for those who do not see it."""
    unit = fan.series.unit
    present = [(day, value) for day, value in zip(fan.series.days, fan.series.values, strict=True) if value is not None]
    parts = [f"{fan.series.label}: no reading yet"]
    if present:
        day, value = present[-1]
        parts = [f"{fan.series.label}: {number.quantity_text(value, unit)} on {words.day_text(day)}"]
    if fan.target is not None:
        parts.append(f"target {number.quantity_text(fan.target, unit)} by {words.day_text(fan.ends_on)}")
    if fan.outlook is not None:
        parts.append(f"expected to end at {number.quantity_text(fan.outlook.value, unit)}")
        if fan.outlook.low_80 is not None and fan.outlook.high_80 is not None:
            low, high = (number.quantity_text(end, unit) for end in (fan.outlook.low_80, fan.outlook.high_80))
            parts.append(f"80% interval {low} to {high}")
    return ", ".join(parts)
