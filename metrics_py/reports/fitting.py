"""Fitting a document into a number of words: what must be said first, then what there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from metrics_py.errors import UnusableInputError
from metrics_py.reports.words import RULE, word_count


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document: the section it stands in, its text, and how soon it is let in (0: always).

    One that stands `under` another is a sentence added to that item, and only comes in after it.
    """

    name: str
    section: str
    text: str
    rank: float = 0
    under: str | None = None


Sections = Mapping[str, Sequence[str]]


def fit(
    parts: Sequence[Part], compose: Callable[[Sections, frozenset[str]], str], *, fewest: int, most: int
) -> tuple[Sections, frozenset[str]]:
    """The parts that bring a document to `fewest` to `most` words, by rank, each where it leaves the rest room.

    Args:
        parts: in the order in which they stand.
        compose: gives the finished text for some sections and the names of the parts in them.
        fewest, most: the bounds, both allowed.
    Raises: UnusableInputError when what must be said is too long or all there is to say too short.
    """
    chosen = frozenset(part.name for part in parts if part.rank == 0)
    words = word_count(compose(_sections(parts, chosen), chosen))
    enough = fewest + (most - fewest) * 3 // 4
    for part in sorted((part for part in parts if part.rank > 0), key=lambda part: part.rank):
        if words >= enough:
            break
        if part.under is not None and part.under not in chosen:
            continue
        wider = chosen | {part.name}
        count = word_count(compose(_sections(parts, wider), wider))
        if count <= most:
            chosen, words = wider, count
    if not fewest <= words <= most:
        raise UnusableInputError(
            f"the document has {words} words, and {fewest} to {most} are asked for ({RULE}); "
            "narrow it with --level or --squad, or shorten the names of key results"
        )
    return _sections(parts, chosen), chosen


def _sections(parts: Iterable[Part], chosen: frozenset[str]) -> Sections:
    items: dict[str, dict[str, list[str]]] = {}
    for part in parts:
        if part.name in chosen:
            section = items.setdefault(part.section, {})
            section.setdefault(part.under or part.name, []).append(part.text)
    return {name: [" ".join(texts) for texts in section.values()] for name, section in items.items()}
