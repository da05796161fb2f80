"""Counts or amounts in columns, each cut into parts: what a distribution is drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics_py.scoreboard import number

_TOLD = 24


@dataclass(frozen=True)
class Stack:
    """Counts or amounts in columns, each cut into parts."""

    label: str
    columns: Sequence[str]
    """Names of the columns from left to right."""
    parts: Sequence[tuple[str, str, Sequence[float]]]
    """Name of a part, its colour, and its size in each column."""
    unit: str = "count"


def describe_stack(drawn: Stack) -> str:
    """Columns in a sentence, for those who do not see them.

    Examples:
        >>> describe_stack(Stack("Outcomes", ["Q1", "Q2"], [("hit", "green", [2, 3]), ("miss", "red", [0, 1])]))
        'Outcomes: Q1 2 hit, 0 miss; Q2 3 hit, 1 miss'
    """
    columns = [
        f"{column} " + ", ".join(f"{number.value_text(sizes[at], drawn.unit)} {name}" for name, _, sizes in drawn.parts)
        for at, column in enumerate(drawn.columns)
    ]
    shown = columns if len(columns) <= _TOLD else [*columns[:2], f"{len(columns) - 4} more", *columns[-2:]]
    return f"{drawn.label}: {'; '.join(shown)}"
