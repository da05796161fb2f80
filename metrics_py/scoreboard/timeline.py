"""Values in order of time, and the quarters they fall in."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from metrics_py.scoreboard import address
from metrics_py.scoreboard.rows import Value

_START = attrgetter("period_start")


@dataclass(frozen=True)
class Quarter:
    """A quarter that has values."""

    label: str
    start: date
    end: date

    @property
    def slug(self) -> str:
        """Its part of an address."""
        return address.slug(self.label)


class Timeline:
    """Values of one organisation unit by metric and reading, in order of time."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._values: dict[tuple[str, str], list[Value]] = defaultdict(list)
        for value in values:
            if value.period_kind != "goal_period":
                self._values[value.metric_id, value.reading].append(value)
        for readings in self._values.values():
            readings.sort(key=_START)

    def of_metric(self, metric_id: str) -> list[Value]:
        """The values of every reading of a metric."""
        return [value for (metric, _), values in self._values.items() if metric == metric_id for value in values]

    def last_in(self, metric_id: str, reading: str, quarter: Quarter) -> Value | None:
        """The last value of a reading that falls in a quarter; null when there is none."""
        values = self._values.get((metric_id, reading), [])
        place = bisect_left(values, quarter.end, key=_START) - 1
        return values[place] if place >= 0 and values[place].period_start >= quarter.start else None
