"""How much of a change each row accounts for: exactly, so that the parts sum to the change.

A ratio N/D (a share, a mean, a weighted score): with R the old value, row i accounts for
((n1 - n0) - R (d1 - d0)) / D1. Rows that are the same account for nothing, and the parts sum to N1/D1 - N0/D0 because
N0 = R D0. A row only in the new publish is `entry`, one only in the old is `exit`; of a row in both, with
v = n/d, what comes from its own value, d1 (v1 - v0) / D1, is `rate`, from its weight, (v0 - R) (d1 - d0) / D1, `mix`.

A sum: row i accounts for n1 - n0. A percentile or a minimum: rows are replaced one after the other, first those in
both (`rate`), then those only in the new (`entry`), then those only in the old (`exit`), each kind by row id; a row
accounts for what the value moves at its step. A percentile has no weights, so no `mix`.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

Component = Literal["rate", "mix", "entry", "exit"]
Statistic = Callable[[Sequence[float]], float]


class Part(NamedTuple):
    """What a row adds to a value in each publish; None where it adds nothing."""

    row: str
    old: tuple[float | None, float | None, float | None] | None
    """Numerator, denominator and amount in the old publish; None when the row is not in it."""
    new: tuple[float | None, float | None, float | None] | None


class Effect(NamedTuple):
    """Part of a change: the row, the component and by how much; None where old or new value is null."""

    row: str
    component: Component
    effect: float | None


def of_ratio(
    parts: Sequence[Part], *, old: tuple[float, float], new: tuple[float, float], scale: float = 1
) -> Iterator[Effect]:
    """Effects on scale * N / D, where `old` and `new` are (N, D).

    Examples:
        >>> parts = [Part("a", (0, 1, 0), (1, 1, 1)), Part("b", None, (0, 1, 0))]
        >>> [(effect.component, round(effect.effect, 4)) for effect in of_ratio(parts, old=(1, 2), new=(2, 3))]
        [('rate', 0.3333), ('entry', -0.1667)]
    """
    (old_numerator, old_denominator), (_, new_denominator) = old, new
    is_defined = bool(old_denominator and new_denominator)
    value = old_numerator / old_denominator if is_defined else 0.0

    def effect(part: Part, component: Component, amount: float) -> Effect:
        return Effect(part.row, component, scale * amount / new_denominator if is_defined else None)

    for part in parts:
        n0, d0 = _weighed(part.old)
        n1, d1 = _weighed(part.new)
        if part.old is None or part.new is None:
            yield effect(part, "entry" if part.old is None else "exit", (n1 - n0) - value * (d1 - d0))
        elif d0 == d1 or not d0 or not d1:
            if n0 != n1 or d0 == d1:
                yield effect(part, "rate", n1 - n0)
            if d0 != d1:
                yield effect(part, "mix", -value * (d1 - d0))
        else:
            own, weight = d1 * (n1 / d1 - n0 / d0), (n0 / d0 - value) * (d1 - d0)
            if abs(own) > 1e-12 * abs(n1):
                yield effect(part, "rate", own)
                yield effect(part, "mix", weight)
            else:
                yield effect(part, "mix", own + weight)


def of_sum(parts: Sequence[Part], *, is_defined: bool) -> Iterator[Effect]:
    """Effects on a sum of numerators.

    Examples:
        >>> [tuple(effect) for effect in of_sum([Part("a", (10, None, 10), (12.5, None, 12.5))], is_defined=True)]
        [('a', 'rate', 2.5)]
    """
    for part in parts:
        component: Component = "entry" if part.old is None else "exit" if part.new is None else "rate"
        yield Effect(part.row, component, _weighed(part.new)[0] - _weighed(part.old)[0] if is_defined else None)


def of_order(parts: Sequence[Part], *, old: Sequence[float], statistic: Statistic) -> Iterator[Effect]:
    """Effects on a statistic of ordered amounts, of which `old` are those of the old publish, ascending.

    Examples:
        >>> parts = [Part("a", (0, 0, 10), (0, 0, 30)), Part("b", None, (0, 0, 90))]
        >>> [tuple(effect) for effect in of_order(parts, old=[10, 20], statistic=quantile_disc)]
        [('a', 'rate', 10), ('b', 'entry', 60)]
    """
    amounts = list(old)
    is_defined = bool(old) and bool(len(old) + sum((part.new is not None) - (part.old is not None) for part in parts))
    before = statistic(amounts) if is_defined else 0.0
    for part in sorted(parts, key=lambda part: (part.new is None, part.old is None, part.row)):
        if part.new is not None:
            insort(amounts, _amount(part.new))
        if part.old is not None:
            del amounts[bisect_left(amounts, _amount(part.old))]
        component: Component = "entry" if part.old is None else "exit" if part.new is None else "rate"
        if is_defined:
            after = statistic(amounts)
            yield Effect(part.row, component, after - before)
            before = after
        else:
            yield Effect(part.row, component, None)


def quantile_disc(amounts: Sequence[float]) -> float:
    """90th percentile by nearest rank (type 1) of ascending amounts.

    Examples:
        >>> quantile_disc([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        9
    """
    return amounts[-(-9 * len(amounts) // 10) - 1]


def quantile_cont(amounts: Sequence[float]) -> float:
    """90th percentile by interpolation (type 7) of ascending amounts.

    Examples:
        >>> quantile_cont([10, 20])
        19.0
    """
    position = 9 * (len(amounts) - 1)
    low, rest = divmod(position, 10)
    high = min(low + 1, len(amounts) - 1)
    return amounts[low] + (amounts[high] - amounts[low]) * rest / 10


def minimum(amounts: Sequence[float]) -> float:
    """The least of ascending amounts."""
    return amounts[0]


def _weighed(part: tuple[float | None, float | None, float | None] | None) -> tuple[float, float]:
    return (0.0, 0.0) if part is None else (part[0] or 0.0, part[1] or 0.0)


def _amount(part: tuple[float | None, float | None, float | None]) -> float:
    return math.nan if part[2] is None else part[2]
