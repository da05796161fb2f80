"""What a metric is made of: a formula over counted things, and what it gives when nobody uses the product any more.

A formula has names (each a count of something that users cause or own), numbers, `+ - * /`, parentheses, and the
functions count, sum, mean, median, share and p1 to p99 (a percentile). It is read, never run as code.
"""

import ast
import re
from dataclasses import dataclass
from math import isclose
from typing import Literal, TypeAlias

from metrics_py.errors import OutOfRangeError, UnusableInputError
from metrics_py.okr._sentences import number

Direction: TypeAlias = Literal["up", "down"]

# Longer ones nest deeper than Python can follow.
_LONGEST = 300
_TOTALS = {"count", "sum"}
_AVERAGES = {"mean", "average", "median"}
_PERCENTILE = re.compile(r"p[1-9]\d?\Z")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that has been read; `names` in the order they occur."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZeroExposure:
    """Answer to "would this pass if every user cancelled?"; `passes` is null when the formula cannot tell."""

    passes: bool | None
    value: float | None
    because: str


def read_formula(text: str) -> Formula:
    """Read a formula.

    Raises: UnusableInputError for what is not arithmetic over names, with the part that is not.

    Examples:
        >>> read_formula("activated / signed_up").names
        ('activated', 'signed_up')
    """
    if len(text) > _LONGEST:
        raise UnusableInputError(f"a formula has at most {_LONGEST} characters; found {len(text):,}. Name its parts")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnusableInputError(
            f"formula {text!r} is not arithmetic; write it like: tickets / active_accounts"
        ) from error
    names: list[str] = []
    _check(tree, text, names)
    return Formula(text, tree, tuple(dict.fromkeys(names)))


def value_at(formula: Formula, counts: dict[str, float]) -> float | None:
    """Value of a formula for given counts; null where it divides by nothing or averages nothing.

    Examples:
        >>> value_at(read_formula("1 - churned / customers"), {"churned": 5, "customers": 100})
        0.95
        >>> value_at(read_formula("median(hours)"), {"hours": 0}) is None
        True
    """
    return _value(formula.tree, counts)


def zero_exposure(
    formula: Formula,
    *,
    direction: Direction,
    target: float | None = None,
    minimum_exposure: float | None = None,
) -> ZeroExposure:
    """The zero-exposure test: with every count at 0, would the key result be met?

    Args:
        formula: what the metric is.
        direction: which way is better.
        target: the value to reach; null takes any fall of a falling metric as reaching it.
        minimum_exposure: the exposure below which the metric is not read at all.
    Returns: it fails when the formula still gives a value and that value meets the target; it passes when the value
        misses it, or when a minimum exposure keeps it from being read. A rate without one cannot tell.
    Raises: OutOfRangeError for an unknown direction.

    Source: METRICS.md, Lint.

    Examples:
        >>> zero_exposure(read_formula("count(lost_deals)"), direction="down", target=0).passes
        False
        >>> rate = read_formula("tickets / active_accounts")
        >>> zero_exposure(rate, direction="down", target=0.2, minimum_exposure=200).passes
        True
        >>> zero_exposure(rate, direction="down", target=0.2).passes is None
        True
    """
    if direction not in ("up", "down"):
        raise OutOfRangeError(f"direction must be up or down; found {direction!r}")
    value = value_at(formula, dict.fromkeys(formula.names, 0.0))
    if minimum_exposure is not None and minimum_exposure > 0:
        return ZeroExposure(True, value, f"below an exposure of {number(minimum_exposure)} it is not read")
    if value is None:
        return ZeroExposure(None, None, f"without users {formula.text} has no value, and no minimum exposure is stated")
    if target is None:
        is_met = direction == "down"
        return ZeroExposure(
            not is_met,
            value,
            f"without users {formula.text} is {number(value)}, which is {'as low as it gets' if is_met else 'no rise'}",
        )
    is_met = value <= target if direction == "down" else value >= target
    outcome = f"{'meets' if is_met else 'misses'} the target {number(target, 3)}"
    return ZeroExposure(not is_met, value, f"without users {formula.text} is {number(value, 3)}, which {outcome}")


def are_redundant(one: Formula, other: Formula) -> bool:
    """Whether two formulas say the same: one is a multiple of the other, or what it leaves of a constant.

    Found by evaluating both at fixed points, which no two different formulas of this kind agree on by chance.

    Examples:
        >>> retention = read_formula("1 - churned / customers")
        >>> are_redundant(retention, read_formula("churned / customers"))
        True
        >>> are_redundant(retention, read_formula("renewed / customers"))
        False
    """
    if set(one.names) != set(other.names) or not one.names or _statistics(one.tree) != _statistics(other.tree):
        return False
    pairs = []
    for point in range(1, 6):
        counts = {name: 1.0 + (7 * place + 3) * point % 11 + 0.37 * place for place, name in enumerate(one.names)}
        pair = value_at(one, counts), value_at(other, counts)
        if pair[0] is None or pair[1] is None:
            continue
        pairs.append((pair[0], pair[1]))
    if len(pairs) < 3:
        return False
    # Multiple of, or constant minus: in both cases the one is a straight line in the other.
    (first, first_other), *more = pairs
    slopes = [
        (value - first) / (value_other - first_other)
        for value, value_other in more
        if not isclose(value_other, first_other)
    ]
    return bool(slopes) and all(isclose(slope, slopes[0], rel_tol=1e-9, abs_tol=1e-12) for slope in slopes)


def pushes(formula: Formula, direction: Direction) -> dict[str, Direction]:
    """Which way each count has to go for the formula to go the wanted way, leaving out counts it divides by.

    What a rate divides by is how many people could have, which nobody moves on purpose.

    Examples:
        >>> pushes(read_formula("reports / active_users"), "up")
        {'reports': 'up'}
        >>> pushes(read_formula("1 - churned / customers"), "up")
        {'churned': 'down'}
    """
    counts = {name: 2.0 + place for place, name in enumerate(formula.names)}
    before = value_at(formula, counts)
    wanted: dict[str, Direction] = {}
    for name in formula.names:
        if name in _divisors(formula.tree):
            continue
        after = value_at(formula, counts | {name: counts[name] + 0.01})
        if before is None or after is None or after == before:
            continue
        rises = after > before
        wanted[name] = "up" if rises == (direction == "up") else "down"
    return wanted


def _check(node: ast.expr, text: str, names: list[str]) -> None:
    if isinstance(node, ast.Name):
        names.append(node.id)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        _check(node.left, text, names)
        _check(node.right, text, names)
        return
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        _check(node.operand, text, names)
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        wanted = 2 if node.func.id == "share" else 1
        if (_is_function(node.func.id)) and len(node.args) == wanted:
            for argument in node.args:
                _check(argument, text, names)
            return
    raise UnusableInputError(
        f"formula {text!r} holds {ast.unparse(node)!r}; allowed are names, numbers, + - * /, parentheses, "
        "count, sum, mean, median, p90 of one thing, and share(part, whole)"
    )


def _is_function(name: str) -> bool:
    return name in _TOTALS | _AVERAGES | {"share"} or _PERCENTILE.match(name) is not None


def _value(node: ast.expr, counts: dict[str, float]) -> float | None:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return counts[node.id]
    if isinstance(node, ast.UnaryOp):
        operand = _value(node.operand, counts)
        return None if operand is None else -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        arguments = [_value(argument, counts) for argument in node.args]
        if node.func.id == "share":
            return _divided(arguments[0], arguments[1])
        if node.func.id in _TOTALS:
            return arguments[0]
        return arguments[0] if arguments[0] else None
    assert isinstance(node, ast.BinOp)
    left, right = _value(node.left, counts), _value(node.right, counts)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return _divided(left, right)


def _divided(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def _divisors(node: ast.expr) -> set[str]:
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Div):
            found |= _names_in(inner.right)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "share":
            found |= _names_in(inner.args[1])
    return found


def _statistics(node: ast.expr) -> set[str]:
    """The averages and percentiles in a formula; a median and a 90th percentile of one thing are two metrics."""
    calls = {
        inner.func.id for inner in ast.walk(node) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }
    return calls - _TOTALS - {"share"}


def _names_in(node: ast.expr) -> set[str]:
    functions = {
        inner.func.id for inner in ast.walk(node) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - functions
