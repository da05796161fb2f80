"""Does each number of a document still say what its published row says? Bound, contradicted, stale or unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from metrics_py.reports.binding import Binding, Document
from metrics_py.reports.claims import Claim, number_claims
from metrics_py.reports.forms import STATUS_WORDS
from metrics_py.reports.published import Cell, Published

Standing: TypeAlias = Literal["bound", "contradicted", "stale", "unknown"]

LABELS = re.compile(rf"\b(?:{'|'.join(STATUS_WORDS.values())})\b", re.IGNORECASE)
"""Statuses as documents write them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one number stands to the published rows.

    `bound`: a row says so. `contradicted`: the row it speaks of says otherwise. `stale`: a row said so and no longer
    does, or of another time than the text. `unknown`: no row was found that it could come from.
    `cells` are the cells it was held against and `right` what they say, where they say one thing.
    """

    claim: Claim
    standing: Standing
    sentence: str
    cells: tuple[Cell, ...] = ()
    right: str | None = None


def check_document(document: Document, published: Published) -> list[Verdict]:
    """Hold every number of a document against the rows it was bound to, as they are published now.

    The numbers of the text are matched in order with those of the bindings, so that an edit elsewhere does not matter,
    and a number that somebody changed, added or moved is found.

    Returns: one verdict per number and per status label of the text, in order, and one `stale` verdict for each printed
        name or sentence that its row no longer gives.
    """
    claims = _claims(document.text)
    expected = [(binding, claim.text) for binding in document.bindings for claim in _claims(binding.shown)]
    trouble = {id(binding): _trouble(binding, document, published) for binding in document.bindings}
    verdicts: list[Verdict] = []
    for claim, place in _matched([text for _, text in expected], claims):
        # A label in a sentence of the template itself, such as a heading, is nobody's status.
        if place is not None or claim.kind != "label":
            verdicts.append(_judged(claim, None if place is None else expected[place], trouble))
    judged = {id(binding) for binding, _ in expected}
    for binding in document.bindings:
        problem = trouble[id(binding)]
        if id(binding) not in judged and problem is not None:
            place = max(document.text.find(binding.shown), 0)
            claim = Claim(binding.shown, place, place + len(binding.shown))
            verdicts.append(Verdict(claim, "stale", problem, binding.cells))
    return verdicts


def failures(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts that fail a document: all that are not `bound`."""
    return [verdict for verdict in verdicts if verdict.standing != "bound"]


def describe(verdict: Verdict, text: str) -> str:
    """A verdict as one line: where it is, what is written, and what is wrong with it."""
    line = text.count("\n", 0, verdict.claim.start) + 1
    return f"line {line}: {verdict.claim.text!r} is {verdict.standing}: {verdict.sentence}"


def _claims(text: str) -> list[Claim]:
    labels = [Claim(match[0], match.start(), match.end(), "label") for match in LABELS.finditer(text)]
    return sorted([*number_claims(text), *labels], key=lambda claim: claim.start)


def _judged(claim: Claim, match: tuple[Binding, str] | None, trouble: dict[int, str | None]) -> Verdict:
    if match is None:
        return Verdict(
            claim, "unknown", "it is bound to no published row; take it out, or have the document written again"
        )
    binding, text = match
    if _same(text) != _same(claim.text):
        return Verdict(claim, "contradicted", f"{binding.reference} says {text!r}", binding.cells, right=text)
    problem = trouble[id(binding)]
    if problem is not None:
        return Verdict(claim, "stale", problem, binding.cells)
    return Verdict(claim, "bound", f"{binding.reference} says so", binding.cells)


def _trouble(binding: Binding, document: Document, published: Published) -> str | None:
    """Why a binding no longer holds; null while it does."""
    if document.as_of != published.as_of:
        return f"the document is as of {document.as_of}, and what is published is as of {published.as_of}"
    try:
        value, shown = binding.again(published)
    except LookupError as error:
        return f"its row is gone: {error}"
    if shown != binding.shown or not _equal(value, binding.value):
        return f"{binding.reference} now says {shown!r}"
    return None


def _equal(one: object, other: object) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        return (
            isinstance(one, (int, float)) and isinstance(other, (int, float)) and abs(one - other) <= 1e-12 * abs(one)
        )
    return one == other


def _matched(expected: Sequence[str], claims: Sequence[Claim]) -> Iterator[tuple[Claim, int | None]]:
    """Each claim with the place of the expected number that it stands for, if any."""
    written = [_same(claim.text) for claim in claims]
    matcher = SequenceMatcher(None, [_same(text) for text in expected], written, autojunk=False)
    for kind, first, last, start, end in matcher.get_opcodes():
        for offset in range(end - start):
            is_paired = kind in ("equal", "replace") and first + offset < last
            yield claims[start + offset], first + offset if is_paired else None


def _same(text: str) -> str:
    return " ".join(text.split())
