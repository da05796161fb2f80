"""Figures as a person reads them: one decimal, halves to the even digit, more only where one would mislead.

A rounding must not carry a figure over a threshold it has not crossed: 69.97 against a target of 70 is shown as 69.97,
because 70.0 would say that it was reached. Nothing is ever judged on what these functions return.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

_MOST_DECIMALS = 10
_NOUNS = {"days": "day", "weeks": "week", "minutes": "minute", "hours": "hour", "seconds": "second", "months": "month"}
_BARE = ("score", "nps", "count", "index", "")


def exact(value: float) -> Decimal:
    """A published value as a decimal: its twelve significant digits, which is what was published."""
    return Decimal(f"{value:.12g}")


def crosses(value: Decimal, shown: Decimal, threshold: Decimal) -> bool:
    """Whether a rounded value lies on another side of a threshold than the value itself.

    Examples:
        >>> crosses(Decimal("69.76"), Decimal("70"), Decimal("70"))
        True
        >>> crosses(Decimal("69.76"), Decimal("69.8"), Decimal("70"))
        False
    """
    return (value > threshold) - (value < threshold) != (shown > threshold) - (shown < threshold)


def rounded(value: Decimal, against: Iterable[Decimal] = (), *, decimals: int = 1) -> Decimal:
    """A value to one decimal, half-even, or to as many as keep it on its side of every threshold; exact ones as short.

    Examples:
        >>> [str(rounded(Decimal(value), [Decimal(70)])) for value in ("69.76", "69.97", "64.0", "0.25")]
        ['69.8', '69.97', '64', '0.2']
    """
    thresholds = list(against)
    whole = value.to_integral_value()
    if value == whole:
        return whole
    for digits in range(decimals, _MOST_DECIMALS):
        shown = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
        if not any(crosses(value, shown, threshold) for threshold in thresholds):
            return shown
    return value


def figure(value: float, unit: str, *, against: Iterable[float] = (), decimals: int = 1) -> str:
    """A value in its unit; shares as percentages, dollars in thousands or millions.

    Args:
        value: as published, a share on 0..1.
        unit: of the key result or metric.
        against: values that the rounding must not cross, in the same unit, such as its target.
        decimals: fewest decimals of what is not exact with fewer.

    Examples:
        >>> [figure(0.6976, "share"), figure(9_149_999, "usd"), figure(1, "days"), figure(64.0, "%")]
        ['69.8%', '$9.1M', '1 day', '64%']
        >>> figure(9_999_000, "usd", against=[10_000_000]), figure(14.53, "minutes"), figure(-3.06, "nps")
        ('$9.999M', '14.5 minutes', '-3.1')
    """
    number, thresholds = exact(value), [exact(other) for other in against]
    if unit == "share":
        return f"{_plain(rounded(100 * number, [100 * other for other in thresholds], decimals=decimals))}%"
    if unit in ("percent", "%", "pp"):
        return f"{_plain(rounded(number, thresholds, decimals=decimals))}{' pp' if unit == 'pp' else '%'}"
    if unit == "usd":
        return _dollars(number, thresholds, decimals)
    return _with_noun(rounded(number, thresholds, decimals=decimals), unit)


def distance(value: float, unit: str, *, against: Iterable[float] = ()) -> str:
    """The size of a difference without its sign; between shares it is in percentage points.

    One too small for a decimal is said to be so.

    Examples:
        >>> distance(-0.052, "share"), distance(0.0004, "share"), distance(2.0, "minutes"), distance(550_000, "usd")
        ('5.2 pp', 'less than 0.1 pp', '2 minutes', '$550K')
    """
    size, thresholds = abs(exact(value)), [abs(exact(other)) for other in against]
    if unit == "usd":
        return _dollars(size, thresholds)
    if unit in ("share", "percent", "%", "pp"):
        scale = 100 if unit == "share" else 1
        size, thresholds, unit = size * scale, [other * scale for other in thresholds], "pp"
    if 0 < size < Decimal("0.05"):
        return f"less than {_with_noun(Decimal('0.1'), unit)}"
    return _with_noun(rounded(size, thresholds), unit)


def signed(value: float, unit: str) -> str:
    """A difference with its sign.

    Examples:
        >>> signed(0.031, "share"), signed(-1.25, "nps"), signed(0.0, "nps")
        ('+3.1 pp', '-1.2', 'no change')
    """
    if value == 0:
        return "no change"
    size = distance(value, unit)
    if size.startswith("less than"):
        return f"{'up' if value > 0 else 'down'} {size}"
    return f"{'+' if value > 0 else '-'}{size}"


def change(value: float, unit: str) -> str:
    """A change with its sign and at least two digits that say something, for sums that are shown term by term.

    Examples:
        >>> change(-0.0931, "minutes"), change(0.0025, "share"), change(5.592, "%"), change(0, "nps")
        ('-0.093 minutes', '+0.25 pp', '+5.59 pp', '0')
    """
    sign, size = "-" if value < 0 else "+" if value > 0 else "", abs(exact(value))
    if unit == "usd":
        return f"{sign}{_dollars(size, [], 2)}"
    if unit in ("share", "percent", "%"):
        size, unit = size * (100 if unit == "share" else 1), "pp"
    decimals = 2 if size >= Decimal("0.1") or not size else 1 - size.adjusted()
    shown = rounded(size, decimals=decimals)
    return f"{sign}{_with_noun(shown, unit)}"


def rate(value: float, unit: str) -> str:
    """The size of a change over time, to two digits that say something, so that a slow pace is told from a needed one.

    Examples:
        >>> rate(-0.0523, "minutes"), rate(0.137, "minutes"), rate(27_789.2, "usd")
        ('0.052 minutes', '0.14 minutes', '$27.79K')
    """
    return change(abs(value), unit).removeprefix("+")


def percent(share: float, *, against: Iterable[float] = ()) -> str:
    """A share as a percentage.

    Examples:
        >>> percent(0.4286), percent(1.0), percent(0.6996, against=[0.7])
        ('42.9%', '100%', '69.96%')
    """
    return figure(share, "share", against=against)


def chance(probability: float, *, against: Iterable[float] = ()) -> str:
    """A probability as a percentage; one that is not quite 0 or 1 is never shown as that.

    Examples:
        >>> chance(0.4226), chance(1e-9), chance(0.99996), chance(1.0)
        ('42.3%', 'less than 0.1%', 'more than 99.9%', '100%')
    """
    if 0 < probability < 0.0005:
        return "less than 0.1%"
    if 0.9995 < probability < 1:
        return "more than 99.9%"
    return percent(probability, against=against)


def day(on: date) -> str:
    """A date in words.

    Examples:
        >>> day(date(2026, 1, 31))
        '31 January 2026'
    """
    return f"{on.day} {on:%B %Y}"


def period(name: str) -> str:
    """A fiscal quarter or half-year as people say it.

    Examples:
        >>> period("2025Q3"), period("2025H2")
        ('Q3 2025', 'H2 2025')
    """
    return f"{name[4:]} {name[:4]}"


def _dollars(number: Decimal, thresholds: list[Decimal], decimals: int = 1) -> str:
    sign, size = "-" if number < 0 else "", abs(number)
    # Judged after rounding, so that 999,960 is $1M and not $1,000.0K.
    for scale, letter in ((Decimal(1_000_000), "M"), (Decimal(1_000), "K")):
        if (size / scale).quantize(Decimal("0.1"), ROUND_HALF_EVEN) >= 1:
            shown = rounded(number / scale, [other / scale for other in thresholds], decimals=decimals)
            return f"{sign}${_plain(abs(shown))}{letter}"
    return f"{sign}${_plain(abs(rounded(number, thresholds, decimals=decimals)))}"


def _with_noun(shown: Decimal, unit: str) -> str:
    if unit in _BARE:
        return _plain(shown)
    written = _plain(shown)
    return f"{written} {_NOUNS.get(unit, unit) if written in ('1', '-1') else unit}"


def _plain(number: Decimal) -> str:
    # Minus zero is what rounding makes of -0.04.
    return f"{number if number else abs(number):,f}"
