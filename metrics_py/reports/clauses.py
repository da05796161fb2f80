"""A text taken apart into clauses, so that each number is read with the words that are about it and no others."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from metrics_py.reports.claims import Claim, number_claims, sentences
from metrics_py.reports.mentions import Mention, Names, mask

_BREAK = re.compile(r",(?=\s)|:(?=\s)|\s(?:and|but|while|whereas|although|though|yet)\s|[()|]|\s[–—]\s")
_TABLE_RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*")


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence with a number in it; `parent` is the clause before that it goes on from."""

    start: int
    end: int
    sentence: int
    parent: Clause | None = None

    def holds(self, place: int) -> bool:
        """Whether a place of the text lies in it."""
        return self.start <= place < self.end

    def chain(self) -> Iterator[Clause]:
        """The clause and what it goes on from, the nearest first."""
        clause: Clause | None = self
        while clause is not None:
            yield clause
            clause = clause.parent


class Text:
    """A text with its numbers, what it mentions, its sentences and their clauses."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.mentions = names.in_text(text)
        self._wholes = [(one.start, one.end) for one in self.mentions if one.cells]
        self.masked = mask(text, self._wholes)
        """The text without the names in which numbers or other words stand."""
        self.claims = number_claims(text)
        self.sentences = list(sentences(text))
        self._clauses: dict[int, list[Clause]] = {}

    def name_of(self, claim: Claim) -> Mention | None:
        """The name that a number is part of."""
        return next((one for one in self.mentions if one.start <= claim.start and claim.end <= one.end), None)

    def sentence_of(self, place: int) -> int:
        """The number of the sentence that a place lies in, or after."""
        return max(bisect_right(self.sentences, (place, len(self.text))) - 1, 0)

    def clause_of(self, claim: Claim) -> Clause:
        """The clause that a number stands in."""
        number = self.sentence_of(claim.start)
        held = self.clauses(number)
        return next((clause for clause in held if clause.holds(claim.start)), held[-1])

    def clauses(self, sentence: int) -> list[Clause]:
        """The clauses of a sentence, in order; there is always one."""
        if sentence not in self._clauses:
            self._clauses[sentence] = list(self._taken_apart(sentence))
        return self._clauses[sentence]

    def mentioned(self, start: int, end: int) -> Sequence[Mention]:
        """What a span of the text mentions."""
        return [one for one in self.mentions if start <= one.start < end]

    def heading_of(self, place: int) -> str:
        """What stands over the column of a table that a place lies in; empty outside of a table."""
        line = self.text.count("\n", 0, place)
        if line not in self._headings:
            return ""
        cells = self._headings[line]
        column = len(re.findall(r"(?<!\\)\|", self.text[self.text.rfind("\n", 0, place) + 1 : place])) - 1
        return cells[column] if 0 <= column < len(cells) else ""

    @cached_property
    def _headings(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        lines = self.text.splitlines()
        cells: list[str] = []
        for number, line in enumerate(lines):
            if not line.lstrip().startswith("|"):
                cells = []
            elif number + 1 < len(lines) and _TABLE_RULE.fullmatch(lines[number + 1].strip()):
                cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            elif cells:
                found[number] = cells
        return found

    def _taken_apart(self, sentence: int) -> Iterator[Clause]:
        start, end = self.sentences[sentence] if self.sentences else (0, len(self.text))
        made: list[Clause] = []
        opened: list[Clause | None] = []
        parent: Clause | None = None
        begin = start
        for stop, sign, following in self._breaks(start, end):
            is_inside = bool(opened)
            if self._has_number(begin, stop):
                made.append(Clause(begin, stop, sentence, parent))
                parent, begin = made[-1], following
            elif is_inside and sign == ")" and made:
                # "(see the annex)" belongs to what stands before it.
                begin = following
            if sign == "(":
                opened.append(made[-1] if made else None)
            elif sign == ")" and opened:
                parent = opened.pop() or parent
        if not made:
            yield Clause(start, end, sentence)
            return
        yield from self._without_gaps(made, end)

    @staticmethod
    def _without_gaps(made: Sequence[Clause], end: int) -> Iterator[Clause]:
        # What stands behind the last number belongs to it: "was 12.3, in the last quarter".
        again: dict[int, Clause] = {}
        for place, clause in enumerate(made):
            until = made[place + 1].start if place + 1 < len(made) else end
            parent = again.get(id(clause.parent))
            again[id(clause)] = Clause(clause.start, until, clause.sentence, parent)
            yield again[id(clause)]

    def _breaks(self, start: int, end: int) -> Iterator[tuple[int, str, int]]:
        inside = [*self._wholes, *((claim.start, claim.end) for claim in self.claims)]
        for match in _BREAK.finditer(self.text, start, end):
            if not any(one <= match.start() < other for one, other in inside):
                yield match.start(), match[0], match.end()
        yield end, "", end

    def _has_number(self, start: int, end: int) -> bool:
        return any(
            claim.kind == "number" and start <= claim.start < end and self.name_of(claim) is None
            for claim in self.claims
        )
