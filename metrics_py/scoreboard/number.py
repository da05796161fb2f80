"""Numbers as a person reads them; the only place that rounds, and nothing is ever judged on what it returns."""

from decimal import ROUND_HALF_EVEN, Decimal

UNITS = ("score", "share", "days", "nps", "usd", "count")

_SPACE = "\u00a0"
_MINUS = "\u2212"


def value_text(value: float, unit: str) -> str:
    """A value in its unit, to one decimal, halves to the even digit.

    Shares are percentages, dollars are in thousands or millions, counts have no decimals.

    Raises: ValueError for a unit no metric has.

    Examples:
        >>> [value_text(0.6976, "share"), value_text(0.25, "score"), value_text(9_149_999, "usd")]
        ['69.8%', '0.2', '$9.1M']
        >>> print(value_text(1234, "count"), value_text(-3.06, "nps"))
        1,234 −3.1
    """
    sign = _MINUS if value < 0 else ""
    size = abs(Decimal(repr(float(value))))
    match unit:
        case "share":
            return f"{sign}{_rounded(size * 100)}%"
        case "days":
            return f"{sign}{_rounded(size)}{_SPACE}days"
        case "usd":
            return f"{sign}${_dollars(size)}"
        case "count":
            return f"{sign}{size.quantize(Decimal(1), ROUND_HALF_EVEN):,}"
        case "score" | "nps":
            return f"{sign}{_rounded(size)}"
    raise ValueError(f"unit must be one of {', '.join(UNITS)}; found {unit!r}")


def quantity_text(value: float, unit: str) -> str:
    r"""A value in any unit: the ones metrics have as `value_text`, another with its name behind it.

    Examples:
        >>> [quantity_text(0.44, "share"), quantity_text(15.2, "minutes")]
        ['44.0%', '15.2\xa0minutes']
    """
    return value_text(value, unit) if unit in UNITS else f"{value_text(value, 'score')}{_SPACE}{unit}"


def distance_text(distance: float, unit: str) -> str:
    r"""The size of a difference, without its sign; between shares it is in percentage points.

    A difference too small for one decimal is said to be so, because it may decide a verdict.

    Examples:
        >>> [distance_text(-0.052, "share"), distance_text(0.0004, "share"), distance_text(0, "score")]
        ['5.2\xa0pp', 'less than 0.1\xa0pp', '0.0']
    """
    size = abs(Decimal(repr(float(distance))))
    if unit == "share":
        number, suffix = size * 100, f"{_SPACE}pp"
    elif unit == "usd":
        return value_text(float(size), unit)
    else:
        number, suffix = size, f"{_SPACE}days" if unit == "days" else ""
    if 0 < number < Decimal("0.05"):
        return f"less than 0.1{suffix}"
    return f"{_rounded(number)}{suffix}"


def range_text(low: float, high: float, unit: str) -> str:
    r"""An interval in the unit of its ends, the unit said once.

    Examples:
        >>> [range_text(0.612, 0.849, "share"), range_text(31, 52, "days")]
        ['61.2 to 84.9%', '31.0 to 52.0\xa0days']
    """
    first, last = value_text(low, unit), value_text(high, unit)
    for suffix in ("%", f"{_SPACE}days"):
        first = first.removesuffix(suffix) if last.endswith(suffix) else first
    return f"{first} to {last}"


def count_text(count: int, noun: str) -> str:
    """A count with its noun, in the plural unless it is one.

    Examples:
        >>> [count_text(1, "row"), count_text(1234, "row")]
        ['1 row', '1,234 rows']
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _rounded(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.1'), ROUND_HALF_EVEN):,}"


def _dollars(size: Decimal) -> str:
    # Judged after rounding, so that 999,960 is $1.0M and not $1,000.0K.
    for scale, letter in ((1_000_000, "M"), (1_000, "K")):
        scaled = (size / scale).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
        if scaled >= 1:
            return f"{scaled:,}{letter}"
    return f"{size.quantize(Decimal('0.1'), ROUND_HALF_EVEN):,}"
