"""What a span of days is called: 2025-12-31, 2025-12, 2025Q4, 2025H2, 2025."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple


class Names(NamedTuple):
    """Names of exactly a span, and of the longer ones that it lies in."""

    own: frozenset[str]
    wider: frozenset[str]


def names_of(start: date, end: date | None, quarters: Mapping[date, str], *, is_wave: bool = False) -> Names:
    """The names of a span of days and of what it lies in.

    Args:
        start, end: first day and the day after the last; without an end, one day.
        quarters: the fiscal quarter of each day.
        is_wave: a survey wave, which is called after the quarter it starts in.

    Examples:
        >>> quarters = {date(2025, 10, 1): "2025Q4"}
        >>> [sorted(names) for names in names_of(date(2025, 10, 1), date(2026, 1, 1), quarters)]
        [['2025-12-31', '2025Q4'], ['2025', '2025H2']]
    """
    last = (end or start + timedelta(days=1)) - timedelta(days=1)
    days = (last - start).days + 1
    quarter = quarters.get(start, "")
    half = f"{quarter[:4]}H{1 if quarter[4:] in ('Q1', 'Q2') else 2}" if quarter else ""
    month, year = f"{start:%Y-%m}", quarter[:4] or str(start.year)
    if days == 1:
        own, wider = {start.isoformat()}, {month, quarter, half, year}
    elif is_wave:
        own, wider = {start.isoformat(), last.isoformat(), month, quarter}, {half, year}
    elif days < 32:
        own, wider = {start.isoformat(), last.isoformat(), month}, {quarter, half, year}
    elif days < 100:
        own, wider = {last.isoformat(), quarter}, {half, year}
    elif 150 < days < 190:
        own, wider = {last.isoformat(), half}, {year}
    elif 360 < days < 370:
        own, wider = {last.isoformat(), year}, set()
    else:
        own, wider = {last.isoformat()}, set()
    return Names(frozenset(own - {""}), frozenset(wider - {""}))
