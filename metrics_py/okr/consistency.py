"""Do the numbers in a sentence agree with each other and with the record? Gain, remaining, baseline, current, target.

Of five numbers three are free: `gain = current - baseline` and `remaining = target - current`, both counted towards the
target. A stated number is taken as rounded to the digits it is written with, so that 6.4 agrees with 6.43 and 3 does
not agree with 6.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from metrics_py.errors import UnusableInputError
from metrics_py.okr._sentences import number

Part: TypeAlias = Literal["baseline", "current", "target", "gain", "remaining"]


@dataclass(frozen=True, slots=True)
class Said:
    """A number as somebody wrote it: its value, the words it stood in, its decimals and whether it is a percentage.

    `way` tells how a gain is counted: towards the target ("improvement"), up ("rise") or down ("drop").
    """

    value: float
    words: str
    decimals: int = 0
    is_percent: bool = False
    way: Literal["towards", "up", "down"] = "towards"

    def agrees_with(self, right: float) -> bool:
        """Whether this could be `right`, rounded to the digits it is written with."""
        half_unit = 0.5 / 10.0**self.decimals
        return abs(self.value - right) <= half_unit + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The numbers that a sentence about a key result states; null for what it does not say."""

    baseline: Said | None = None
    current: Said | None = None
    target: Said | None = None
    gain: Said | None = None
    remaining: Said | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A stated number that cannot be right, the number that is, and where it comes from."""

    part: Part
    stated: float
    right: float
    words: str
    because: str

    @property
    def sentence(self) -> str:
        """The contradiction in one sentence, with the right number."""
        right = number(self.right, 4)
        return f"{self.words!r} states a {self.part} of {number(self.stated, 4)}; it is {right} ({self.because})"


def read_statement(text: str, *, target: float | None = None) -> Statement:
    """Return the numbers in a sentence, by the words around them.

    Read are "58 -> 64" and "from 58 to 64" (to the target when the second number is `target`, else to where it stands),
    "a 3pp improvement", "up 3", "7pp remaining", "7 to go", "remaining to 72", "target of 72", "now 64", and a number
    that opens the sentence.

    Examples:
        >>> said = read_statement("58 -> 64, a 3pp improvement, 7pp remaining to 72")
        >>> [part.value for part in (said.baseline, said.current, said.gain, said.remaining, said.target)]
        [58.0, 64.0, 3.0, 7.0, 72.0]
    """
    found: dict[str, Said] = {}
    rest = text
    for part, pattern in _PATTERNS:
        match = pattern.search(rest)
        if match is None:
            continue
        if part == "way":
            found["baseline"] = _said(match, "a")
            second = _said(match, "b")
            found["target" if target is not None and second.agrees_with(target) else "current"] = second
        elif part not in found:
            found[part] = _said(match, "a")
            if match.groupdict().get("b"):
                found["target"] = _said(match, "b")
        # Blanked, so that "7pp remaining to 72" is not read a second time as a number of another kind.
        rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
    return Statement(**found)


def contradictions(
    statement: Statement,
    *,
    baseline: float | None = None,
    current: float | None = None,
    target: float | None = None,
) -> tuple[Contradiction, ...]:
    """Stated numbers that contradict the record or, where the record is silent, each other.

    Args:
        statement: what was said.
        baseline: the recorded baseline; null takes the stated one.
        current: the recorded value; null takes the stated one.
        target: the recorded target; null takes the stated one.
    Returns: one row per number that is wrong, in the order baseline, current, target, gain, remaining.

    Examples:
        >>> said = read_statement("58 -> 64, a 3pp improvement, 7pp remaining to 72")
        >>> [(wrong.part, wrong.stated, wrong.right) for wrong in contradictions(said)]
        [('gain', 3.0, 6.0), ('remaining', 7.0, 8.0)]
    """
    recorded = {"baseline": baseline, "current": current, "target": target}
    wrong = []
    standing: dict[str, float | None] = {}
    parts: tuple[tuple[Part, Said | None], ...] = (
        ("baseline", statement.baseline),
        ("current", statement.current),
        ("target", statement.target),
    )
    for part, said in parts:
        right = recorded[part]
        standing[part] = right if right is not None or said is None else said.value
        if said is not None and right is not None and not said.agrees_with(right):
            wrong.append(Contradiction(part, said.value, right, said.words, "as recorded"))
    start, now, end = standing["baseline"], standing["current"], standing["target"]
    towards = -1.0 if start is not None and end is not None and end < start else 1.0
    gain = statement.gain
    if gain is not None and start is not None and now is not None:
        right = {"towards": towards, "up": 1.0, "down": -1.0}[gain.way] * (now - start)
        # A plus or minus may be that of the change itself, and without a target a fall may be the improvement.
        agreeable = [right, *([now - start] if gain.value < 0 else []), *([abs(now - start)] if end is None else [])]
        if gain.is_percent and start:
            agreeable.append(100 * right / abs(start))
        if not any(gain.agrees_with(possible) for possible in agreeable):
            because = f"{number(start, 4)} to {number(now, 4)}"
            wrong.append(Contradiction("gain", gain.value, right, gain.words, because))
    if statement.remaining is not None and now is not None and end is not None:
        right = towards * (end - now)
        agreeable = [right, *([end - now] if statement.remaining.value < 0 else [])]
        if not any(statement.remaining.agrees_with(possible) for possible in agreeable):
            because = f"{number(now, 4)} to {number(end, 4)}"
            wrong.append(
                Contradiction("remaining", statement.remaining.value, right, statement.remaining.words, because)
            )
    return tuple(wrong)


def check_statement(
    text: str, *, baseline: float | None = None, current: float | None = None, target: float | None = None
) -> tuple[Contradiction, ...]:
    """Contradictions in a sentence about a key result whose record is known in part or in whole.

    Examples:
        >>> found = check_statement("64, a 3pp improvement, +7pp remaining", baseline=58, target=72)
        >>> [wrong.right for wrong in found]
        [6.0, 8.0]
    """
    statement = read_statement(text, target=target)
    return contradictions(statement, baseline=baseline, current=current, target=target)


def refuse_contradictions(
    text: str, *, baseline: float | None = None, current: float | None = None, target: float | None = None
) -> None:
    """Refuse a sentence whose numbers contradict the record or each other, with the right numbers.

    Raises: UnusableInputError that names each wrong number and the right one.

    Examples:
        >>> refuse_contradictions("64, a 6pp improvement, 8pp remaining", baseline=58, target=72)
    """
    wrong = check_statement(text, baseline=baseline, current=current, target=target)
    if wrong:
        raise UnusableInputError(f"{text!r} contradicts itself: " + "; ".join(found.sentence for found in wrong))


_UNIT = r"\s*(?:pp\b|percentage points?\b|points?\b|pts?\b|%|percent\b)?"


_RISES = {"increase", "rise", "lift", "up", "increased", "rose"}
_FALLS = {"decrease", "reduction", "drop", "fall", "down", "fell", "dropped", "decreased"}


def _number(name: str) -> str:
    return rf"(?<![\w.])(?P<{name}>[-+−]?[$€£]?\d+(?:,\d{{3}})*(?:\.\d+)?)(?P<{name}_unit>{_UNIT})"


_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (part, re.compile(pattern, re.IGNORECASE))
    for part, pattern in (
        ("way", rf"{_number('a')}\s*(?:->|→|=>)\s*{_number('b')}"),
        ("way", rf"\bfrom\s+{_number('a')}\s+to\s+{_number('b')}"),
        (
            "remaining",
            rf"{_number('a')}\s*(?:still\s+)?(?:remaining|remains?|left|to go|short)\b(?:\s+to\s+{_number('b')})?",
        ),
        ("remaining", rf"\b(?:remaining|short by|short of target by)\s+{_number('a')}"),
        (
            "gain",
            rf"{_number('a')}\s*(?P<way>improvement|gain|better|increase|rise|lift|decrease|reduction|drop|fall)\b",
        ),
        ("gain", rf"\b(?P<way>up|gained|improved|increased|rose|down|fell|dropped|decreased)(?: by)?\s+{_number('a')}"),
        ("target", rf"\b(?:target|goal)(?:\s+(?:of|is|at)|:)?\s+{_number('a')}"),
        ("baseline", rf"\b(?:baseline|started at|start)(?:\s+(?:of|is|at)|:)?\s+{_number('a')}"),
        ("current", rf"\b(?:now|currently|today|stands)(?:\s+at)?:?\s+{_number('a')}"),
        ("current", rf"^\s*{_number('a')}(?=\s*(?:[,;.(]|$))"),
    )
)


def _said(match: re.Match[str], group: str) -> Said:
    written = re.sub(r"[,$€£]", "", match[group]).replace("−", "-")
    unit = match[f"{group}_unit"].strip()
    word = (match.groupdict().get("way") or "").lower()
    return Said(
        value=float(written),
        words=match[0].strip(" ,;."),
        decimals=len(written.partition(".")[2]),
        is_percent=unit in ("%", "percent"),
        way="up" if word in _RISES else "down" if word in _FALLS else "towards",
    )
