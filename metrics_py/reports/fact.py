"""A published number or date as something that a number in free text can be held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics_py.reports.claims import Claim
from metrics_py.reports.figures import change, crosses, day, exact, figure
from metrics_py.reports.published import Cell

DISTANCES = ("gap", "change", "pace")
"""Roles that are differences: between shares they are in percentage points."""

LAUNCHES = ("launch_on", "planned_launch_on")
"""Roles of the days of an initiative, which are called as their columns are."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A published number or date, what it is of, and when.

    `periods` are the names of exactly its period, such as 2025Q4; `wider` those of longer ones that it lies in, such as
    2025H2, and `ends` those of the wider ones of which its series has nothing later. `thresholds` are the values that a
    rounding of it must not cross, and `is_rising` whether being above them is good (null: not known).
    """

    value: float | date
    unit: str
    role: str
    cells: tuple[Cell, ...]
    subject: str
    periods: frozenset[str] = frozenset()
    wider: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    is_current: bool = True
    thresholds: tuple[float, ...] = ()
    is_rising: bool | None = None
    reading: str = ""
    is_headline: bool = True

    def in_unit_of(self, claim: Claim) -> float | None:
        """The value in the unit that a claim is written in; null where the units do not fit."""
        if isinstance(self.value, date) or claim.kind != "number":
            return None
        factor = _factor(self.unit, claim, is_distance=self.role in DISTANCES)
        return None if factor is None else self.value * factor

    def is_of(self, names: Iterable[str]) -> bool:
        """Whether one of some names is that of exactly its period; `Q4` is that of any year."""
        return _any_called(self.periods, names)

    def ends_in(self, names: Iterable[str]) -> bool:
        """Whether it is the last of its series in a longer period of that name."""
        return _any_called(self.ends, names)

    def lies_in(self, names: Iterable[str]) -> bool:
        """Whether its period is that of a name or lies in it."""
        return _any_called(self.periods | self.wider, names)

    def crossed_by(self, claim: Claim) -> str | None:
        """The threshold that the rounding of a claim carries it over, as text; null where it stays on its side."""
        value = self.in_unit_of(claim)
        if value is None or claim.value is None or isinstance(self.value, date) or not self.value:
            return None
        factor = Decimal(str(value)) / Decimal(str(self.value))
        for threshold in self.thresholds:
            scaled = exact(threshold * float(factor))
            if _verdict_differs(exact(value), claim.value, scaled, is_rising=self.is_rising):
                return figure(threshold, self.unit)
        return None

    @property
    def shown(self) -> str:
        """The value as a document would show it."""
        if isinstance(self.value, date):
            return day(self.value)
        if self.role in DISTANCES:
            return change(self.value, self.unit)
        return figure(self.value, self.unit, against=self.thresholds)


def _any_called(periods: Iterable[str], names: Iterable[str]) -> bool:
    held = list(periods)
    return any(period == name or (len(name) == 2 and period.endswith(name)) for name in names for period in held)


def _verdict_differs(value: Decimal, shown: Decimal, threshold: Decimal, *, is_rising: bool | None) -> bool:
    if is_rising is None:
        return crosses(value, shown, threshold)
    # At the threshold it is reached, so 6.3 may be written as 6 where 6 or more is asked, and 5.7 may not.
    return (value >= threshold) != (shown >= threshold) if is_rising else (value <= threshold) != (shown <= threshold)


def _factor(unit: str, claim: Claim, *, is_distance: bool) -> float | None:
    written = claim.unit
    if unit == "share":
        if is_distance:
            return 100 if written in ("pp", "points") else None
        if written == "percent":
            return 100
        return 1 if written == "" and abs(claim.value or Decimal(2)) <= 1 else None
    if unit in ("%", "percent", "pp"):
        allowed = ("pp", "points") if is_distance or unit == "pp" else ("percent", "")
        return 1 if written in allowed else None
    if unit == "usd":
        return 1 if written in ("usd", "") else None
    if unit in ("nps", "score", ""):
        return 1 if written in ("", "points") else None
    if unit == "count":
        return 1 if written == "" else None
    if unit == "periods":
        return 1 if written in ("", "days", "months", "quarters") else None
    return 1 if written in (unit, "") else None
