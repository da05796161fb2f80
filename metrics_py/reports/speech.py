"""What a number of a text is said of: the published facts, the periods and the readings that its words allow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from metrics_py.reports.claims import Claim
from metrics_py.reports.clauses import Clause, Text
from metrics_py.reports.fact import LAUNCHES, Fact
from metrics_py.reports.facts import Facts
from metrics_py.reports.mentions import Mention, Names, Subject
from metrics_py.reports.published import Cell
from metrics_py.reports.roles import is_past, roles_of

_NOW = re.compile(r"\b(?:now|today|currently|presently)\b", re.IGNORECASE)
_PRESENT = re.compile(r"\b(?:is|are|stands?)\b", re.IGNORECASE)
_ANYWHERE = re.compile(r"\b(?:peak\w*|high|low|highest|lowest|most|least|up to|as much as|at times)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"\s*(?:and|or|to|–|-|,)\s*", re.IGNORECASE)
_SAID_OF = re.compile(r"[\s,(]*(?:in|on|of|at|for|during)?(?: the)?(?: end of)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """What a number is said of."""

    facts: Sequence[Fact]
    """All facts of the subjects in the readings meant, whatever their period."""
    asked: Sequence[Fact]
    """Those of the periods meant; without a period, the newest ones."""
    other_readings: Sequence[Fact]
    periods: frozenset[str]
    roles: tuple[str, ...]
    before: str
    after: str
    is_past: bool
    lead: str
    """What stands before the number, whichever clause it is of."""
    reasons: Sequence[Cell]
    """Where the verdicts on the key results are explained."""


class Speech:
    """What each number of a text is said of."""

    def __init__(self, text: str, facts: Facts, names: Names, subjects: Sequence[str] = ()) -> None:
        self.text = Text(text, names)
        self._facts = facts
        self._outside = frozenset(
            subject for name in subjects for one in names.in_text(name) for subject in one.subjects
        )
        self._roles: dict[int, tuple[str, ...]] = {}

    def of(self, claim: Claim) -> Said:
        """What one number is said of; the numbers are asked in order."""
        clause = self.text.clause_of(claim)
        before = self.text.masked[clause.start : claim.start]
        after = self.text.masked[claim.end : clause.end]
        everything = self._facts_of(clause)
        facts, others = self._in_reading(everything, claim, clause)
        periods, is_also_now = self._periods(claim, clause, facts)
        looks_back = not periods and is_past(before)
        asked = _of_periods(facts, periods, is_anywhere=_ANYWHERE.search(self._sentence(clause)) is not None)
        if not periods or is_also_now:
            held = set(map(id, asked))
            asked += [fact for fact in facts if fact.is_current and id(fact) not in held]
        if looks_back:
            asked += [fact for fact in facts if not fact.is_current]
        roles = self._roles_of(claim, before, after)
        subjects, _ = self._subjects(clause)
        reasons = [cell for kind, key in sorted(subjects) if kind == "key_result" for cell in self._facts.reasons(key)]
        lead = self.text.text[max(claim.start - 200, 0) : claim.start]
        return Said(facts, asked, others, periods, roles, before, after, looks_back, lead, reasons)

    def _sentence(self, clause: Clause) -> str:
        start, end = self.text.sentences[clause.sentence]
        return self.text.masked[start:end]

    def _roles_of(self, claim: Claim, before: str, after: str) -> tuple[str, ...]:
        roles = roles_of(before, after, self.text.heading_of(claim.start))
        earlier = [other for other in self.text.claims if other.end <= claim.start]
        if earlier and _GOES_ON.fullmatch(self.text.text[earlier[-1].end : claim.start]):
            inherited = self._roles.get(earlier[-1].start, ())
            if inherited[:1] == ("interval",):
                roles = inherited
        self._roles[claim.start] = roles
        return roles

    def _facts_of(self, clause: Clause) -> list[Fact]:
        subjects, units = self._subjects(clause)
        found = [
            fact
            for kind, subject in sorted(subjects)
            for unit in sorted(units or {""} if kind == "metric" else {""})
            for fact in self._facts.of(kind, subject, unit)
        ]
        # A key result of a metric is judged by the metric's other readings, too: "but the share within 45 days is ...".
        mentions = [one for held in clause.chain() for one in self.text.mentioned(held.start, held.end)]
        for kind, subject in sorted(subjects) if any(one.reading for one in mentions) else ():
            judged = self._facts.metric_of(subject) if kind == "key_result" else None
            if judged is not None and ("metric", judged[0]) not in subjects:
                found += [fact for fact in self._facts.of("metric", *judged) if not fact.is_headline]
        return found

    def _subjects(self, clause: Clause) -> tuple[frozenset[Subject], frozenset[str]]:
        """What a clause speaks of and of whose; what names nothing goes on from what was named last."""
        chain = [self._named(self.text.mentioned(one.start, one.end)) for one in clause.chain()]
        tallies, _ = chain[0]
        tally = frozenset(one for one in tallies if one[0] == "tally")
        units = next((held for _, held in chain if held), frozenset())
        for subjects, _ in chain:
            if named := subjects - tally:
                return named | tally, units
        for number in range(clause.sentence, -1, -1):
            start, end = self.text.sentences[number]
            subjects, held = self._named(self.text.mentioned(start, end))
            if named := frozenset(one for one in subjects if one[0] != "tally"):
                return named | tally, units or held
        return self._outside | tally, units

    @staticmethod
    def _named(mentions: Iterable[Mention]) -> tuple[frozenset[Subject], frozenset[str]]:
        held = list(mentions)
        subjects = frozenset(subject for one in held for subject in one.subjects)
        return subjects, frozenset(one.unit for one in held if one.unit)

    def _in_reading(self, facts: Sequence[Fact], claim: Claim, clause: Clause) -> tuple[list[Fact], list[Fact]]:
        """The facts in the readings that are named, else in the headline's, and the rest."""
        named, is_inherited = self._readings(claim, clause)
        known = {fact.reading for fact in facts}
        special = {fact.reading for fact in facts if not fact.is_headline} & named
        meant = special or named & known

        def is_meant(fact: Fact) -> bool:
            if not fact.reading or not meant:
                return fact.is_headline
            return fact.reading in meant or (is_inherited and fact.is_headline)

        return [fact for fact in facts if is_meant(fact)], [fact for fact in facts if not is_meant(fact)]

    def _readings(self, claim: Claim, clause: Clause) -> tuple[set[str], bool]:
        numbers = [other.start for other in self.text.claims if other.kind == "number" and other.start > claim.start]
        until = min([*numbers, clause.end])
        own = {one.reading for one in self.text.mentioned(clause.start, until) if one.reading}
        if own or any(one.subjects for one in self.text.mentioned(clause.start, clause.end)):
            return own, False
        for before in clause.parent.chain() if clause.parent else ():
            mentions = self.text.mentioned(before.start, before.end)
            if found := {one.reading for one in mentions if one.reading}:
                return found, True
            if any(one.subjects for one in mentions):
                break
        return set(), False

    def _periods(self, claim: Claim, clause: Clause, facts: Sequence[Fact]) -> tuple[frozenset[str], bool]:
        """The names of the periods meant, and whether today's facts are meant as well."""
        start, end = self.text.sentences[clause.sentence]
        in_sentence = [other for other in self.text.claims if start <= other.start < end and other is not claim]
        in_clause = [other for other in in_sentence if clause.holds(other.start)]
        if right := self._right_behind(claim, in_clause, facts):
            return right, False
        own = self._names(in_clause, facts)
        if own:
            return own, False
        words = self.text.masked[clause.start : clause.end]
        if _NOW.search(words):
            return frozenset(), False
        found = self._names(in_sentence, facts)
        return found, bool(found) and _PRESENT.search(words) is not None

    def _right_behind(self, claim: Claim, others: Sequence[Claim], facts: Sequence[Fact]) -> frozenset[str]:
        following = next((other for other in others if other.start >= claim.end), None)
        if following is None or not _SAID_OF.fullmatch(self.text.text[claim.end : following.start]):
            return frozenset()
        return self._names([following], facts)

    def _names(self, claims: Sequence[Claim], facts: Sequence[Fact]) -> frozenset[str]:
        # A day on which nothing was read is no period: "12 minutes by 31 March" speaks of today.
        known = {name for fact in facts if not isinstance(fact.value, date) for name in fact.periods}
        days = {one.day.isoformat() for one in claims if one.day and one.has_year} & known
        today = {day.isoformat() for day in self._facts.today}
        return frozenset({one.period for one in claims if one.period} | (days - today))


def _of_periods(facts: Sequence[Fact], periods: frozenset[str], *, is_anywhere: bool) -> list[Fact]:
    if not periods:
        return []
    exact = [fact for fact in facts if fact.is_of(periods)]
    held = set(map(id, exact))
    series = {(fact.subject, fact.reading) for fact in exact}
    wider = [
        fact
        for fact in facts
        if id(fact) not in held
        and ((fact.subject, fact.reading) not in series or is_anywhere)
        and (fact.lies_in(periods) if is_anywhere else fact.ends_in(periods))
    ]
    # A target, a baseline and a date belong to the whole of a key result, whenever it is looked at.
    always = [fact for fact in facts if fact.is_current and fact.role in ("target", "baseline", *LAUNCHES)]
    return [*exact, *wider, *(fact for fact in always if id(fact) not in held)]
