"""Are the numbers of a free text published? Each is bound, contradicted, stale or unknown, with the row that says so.

A text names what it speaks of: a metric, a goal or a key result, perhaps a squad or a person, perhaps a period. Its
numbers are held against what is published of that, in the unit they are written in, rounded half-even to the digits
they are written with. A rounding that carries a value over its target is a contradiction. A number of which the text
does not say what it is of stays unknown: nothing is bound by coincidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics_py.reports.checking import Verdict
from metrics_py.reports.claims import Claim, number_claims, sentences
from metrics_py.reports.facts import DISTANCES, Fact, Facts
from metrics_py.reports.figures import crosses, exact, figure
from metrics_py.reports.published import Cell, Published

_ROLE_WORDS = (
    (
        "target",
        r"targets?|goal|aims?|aiming|against|asked|to reach|should reach|has to reach|promised|vs\.?|versus|short of|"
        r"above|below|behind|ahead of",
    ),
    ("baseline", r"baseline|started (?:at|from)|starting (?:at|from)|start of"),
    ("chance", r"chance|probability|likelihood|odds|likely to (?:hit|reach)"),
    ("forecast", r"forecast\w*|predicted|expected to end|projected|on course for|ends? at"),
    ("interval", r"interval|between|range|likely|from .{1,20} to"),
    ("pace", r"a week|per week|weekly|/week|pace"),
    ("progress", r"progress|of the way|attained|attainment|complete"),
    ("expected", r"expected by now|should (?:be|have)|expected"),
    ("gap", r"(?:short|above|below|behind|ahead|off)(?: of)?(?: (?:its|the))?(?: target)?(?: by)|gap(?: of)?"),
    ("count", r"n ?=|held|counted"),
    (
        "change",
        r"rose|rise|risen|up|gain(?:ed)?|increased?|improve\w*|fell|fall(?:en)?|down|dropp?\w*|declin\w*|changed?",
    ),
)
_ROLE_WORDS_AFTER = (
    ("gap", r"short|remaining|to go|left|above|below|behind|ahead|off (?:the )?target|gap"),
    ("pace", r"a week|per week|weekly|/week"),
    ("progress", r"of the way|attained|complete"),
    ("chance", r"chance|likely to (?:hit|reach)|probability"),
    ("target", r"target"),
    ("expected", r"(?:was |were )?expected"),
    ("change", r"improvement|gain|increase|rise|lift|decrease|reduction|drop|fall|up|down|more|less|better|worse"),
    (
        "count",
        r"answers?|responses?|features?|insights?|accounts?|readings?|quarters?|respondents?|users?|points? counted",
    ),
)
_FALLS = re.compile(r"\b(?:fell|fall|fallen|down|drop\w*|declin\w*|lower|decreas\w*|lost)\b", re.IGNORECASE)
_RISES = re.compile(r"\b(?:rose|rise|risen|up|gain\w*|increas\w*|grew|higher|added)\b", re.IGNORECASE)
_PAST = re.compile(r"\b(?:from|was|were|previous\w*|earlier|before|last|ago|previously|after)\b", re.IGNORECASE)
_IN_PASSING = re.compile(r"(?:[/(=]|->|→|\b(?:of|to|from|and|n))\W{0,2}$", re.IGNORECASE)
_STANDING = ("value", "pooled")


@dataclass(frozen=True, slots=True)
class _Context:
    """What a sentence speaks of."""

    facts: Sequence[Fact]
    periods: frozenset[str]
    text: str
    start: int


def check_numbers(text: str, published: Published, *, subjects: Sequence[str] = ()) -> list[Verdict]:
    """Hold every number of a free text against what is published.

    Args:
        text: plain text or Markdown.
        published: the snapshot.
        subjects: names or ids of what the text is about where it does not say so itself, such as "nps" or "kr-arr".
    Returns: one verdict per number, in order.
    """
    facts = Facts(published)
    claims = number_claims(text)
    named = list(_named_spans(text, facts))
    verdicts = []
    for claim in claims:
        inside = next((cells for start, end, cells in named if start <= claim.start and claim.end <= end), None)
        if inside is not None:
            verdicts.append(Verdict(claim, "bound", "it is part of a name", tuple(inside)))
            continue
        verdicts.append(_verdict(claim, _context(text, claim, claims, facts, subjects)))
    return verdicts


def _named_spans(text: str, facts: Facts) -> Iterator[tuple[int, int, list[Cell]]]:
    lowered = text.lower()
    for name, cells in facts.names.items():
        place = lowered.find(name.lower())
        while place >= 0:
            yield place, place + len(name), cells
            place = lowered.find(name.lower(), place + len(name))


def _context(text: str, claim: Claim, claims: Sequence[Claim], facts: Facts, subjects: Sequence[str]) -> _Context:
    spans = list(sentences(text))
    here = next((place for place, (start, end) in enumerate(spans) if start <= claim.start < end), None)
    if here is None:
        return _Context((), frozenset(), "", 0)
    start, end = spans[here]
    found: list[Fact] = []
    # A sentence that names nothing speaks of what was named last before it.
    for place in range(here, -1, -1):
        words = text[spans[place][0] : spans[place][1]]
        found = _facts_named(words, facts, text[start:end])
        if found:
            break
    if not found:
        found = [fact for name in subjects for fact in _facts_named(name, facts, text[start:end])]
    others = [other for other in claims if start <= other.start < end and other is not claim]
    of_days = {day for fact in found if not isinstance(fact.value, date) for day in fact.periods}
    days = {other.day.isoformat() for other in others if other.day and other.has_year}
    # A day on which nothing was read is no period: "12 minutes by 31 March" speaks of today.
    periods = frozenset({other.period for other in others if other.period} | (days & of_days))
    return _Context(found, periods, text[start:end], start)


def _facts_named(words: str, facts: Facts, sentence: str) -> list[Fact]:
    lowered = words.lower()
    named = {subject for name, subject in facts.subjects.items() if _occurs(name, lowered)}
    # The name of a key result that holds that of a metric speaks of the key result and of the metric.
    units = {unit for name, unit in facts.units.items() if _occurs(name, sentence.lower())} or {""}
    return [fact for kind, subject in sorted(named) for unit in sorted(units) for fact in facts.of(kind, subject, unit)]


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _verdict(claim: Claim, context: _Context) -> Verdict:
    if not context.facts:
        return Verdict(
            claim, "unknown", "the text does not say which metric or key result it is of; name it, or leave it out"
        )
    if claim.kind in ("date", "period", "time"):
        return _of_time(claim, context)
    roles = _roles(claim, context)
    asked = [fact for fact in context.facts if _is_of(fact, context.periods)]
    is_past = not context.periods and _PAST.search(_before(claim, context, 40)) is not None
    if not context.periods:
        asked = [fact for fact in asked if fact.is_current] + [
            fact for fact in asked if is_past and not fact.is_current
        ]
    groups = (_with_role(asked, roles, is_past=is_past), asked if _is_in_passing(claim, context, roles) else [])
    agreeing = [fact for group in groups for fact in group if _agrees(claim, fact, context)]
    if agreeing:
        return _bound(claim, next((fact for fact in agreeing if _crossed(claim, fact) is None), agreeing[0]))
    return _not_found(claim, context, roles, asked)


def _bound(claim: Claim, fact: Fact) -> Verdict:
    crossed = _crossed(claim, fact)
    if crossed is not None:
        return Verdict(
            claim,
            "contradicted",
            f"{fact.cells[0]} is {fact.shown}; rounded like this it would seem to be at or past {crossed}, which it is "
            "not",
            fact.cells,
            fact.shown,
        )
    return Verdict(claim, "bound", f"{fact.cells[0]} says so", fact.cells, fact.shown)


def _not_found(claim: Claim, context: _Context, roles: Sequence[str], asked: Sequence[Fact]) -> Verdict:
    for fact in _with_role(asked, roles):
        if _agrees(claim, fact, context, is_signed=False):
            return Verdict(
                claim, "contradicted", f"the sign is wrong: {fact.cells[0]} is {fact.shown}", fact.cells, fact.shown
            )
    others = [
        fact
        for fact in _with_role(context.facts, roles, is_past=True)
        if fact not in asked and _agrees(claim, fact, context)
    ]
    right = next((fact for fact in _with_role(asked, roles) if fact.in_unit_of(claim) is not None), None)
    if others and not context.periods:
        then = ", ".join(sorted(others[-1].periods)) or "an earlier day"
        now = f"; now it is {right.shown}" if right is not None else ""
        return Verdict(claim, "stale", f"that was so in {then}{now}", others[-1].cells, right.shown if right else None)
    if others:
        then = ", ".join(sorted(others[-1].periods)) or "another day"
        here = f"; here it is {right.shown}" if right is not None else ""
        return Verdict(
            claim, "contradicted", f"that is of {then}{here}", others[-1].cells, right.shown if right else None
        )
    for fact in _with_role(asked, roles):
        if fact.in_unit_of(claim) is None and _is_same_number(claim, fact):
            return Verdict(
                claim, "contradicted", f"the unit is wrong: {fact.cells[0]} is {fact.shown}", fact.cells, fact.shown
            )
    if right is not None:
        return Verdict(claim, "contradicted", f"{right.cells[0]} is {right.shown}", right.cells, right.shown)
    other = next(iter(_with_role(asked, roles)), None)
    if other is not None:
        return Verdict(claim, "contradicted", f"{other.cells[0]} is {other.shown}", other.cells, other.shown)
    when = f" in {', '.join(sorted(context.periods))}" if context.periods else ""
    return Verdict(claim, "unknown", f"nothing of this kind is published of it{when}; leave it out, or name its row")


def _of_time(claim: Claim, context: _Context) -> Verdict:
    for fact in context.facts:
        if isinstance(fact.value, date) and claim.day is not None and _same_day(claim, fact.value):
            return Verdict(claim, "bound", f"{fact.cells[0]} says so", fact.cells, fact.shown)
    name = claim.period or (claim.day.isoformat() if claim.day else "")
    for fact in context.facts:
        if name and any(period == name or period.endswith(name) or period.startswith(name) for period in fact.periods):
            return Verdict(claim, "bound", f"{fact.cells[0]} is of that time", fact.cells)
    if claim.day is not None:
        words = context.text.lower()
        for role, pattern in (("readable_on", r"readable|judged"), ("period_end", r"\bends?\b|until|by the end|due")):
            right = next((fact for fact in context.facts if fact.role == role and fact.is_current), None)
            if right is not None and re.search(pattern, words):
                return Verdict(claim, "contradicted", f"{right.cells[0]} says {right.shown}", right.cells, right.shown)
    return Verdict(claim, "unknown", "nothing that is published of it is of that time; leave it out, or name its row")


def _same_day(claim: Claim, day: date) -> bool:
    assert claim.day is not None
    return day == claim.day if claim.has_year else (day.month, day.day) == (claim.day.month, claim.day.day)


def _is_of(fact: Fact, periods: frozenset[str]) -> bool:
    if not periods:
        return True
    # A target, a baseline and a date belong to the whole of a key result, whenever it is looked at.
    return any(period == name or period.endswith(name) for name in periods for period in fact.periods) or (
        fact.is_current and fact.role in ("target", "baseline")
    )


def _before(claim: Claim, context: _Context, length: int) -> str:
    place = claim.start - context.start
    return context.text[max(place - length, 0) : place]


def _after(claim: Claim, context: _Context, length: int) -> str:
    place = claim.end - context.start
    return context.text[place : place + length]


def _roles(claim: Claim, context: _Context) -> Sequence[str]:
    """The roles that the words around a number give it, the nearest first; none means the value itself."""
    before = re.split(r"[,;:(]|\d", _before(claim, context, 40))[-1].lower()
    after = re.split(r"[,;:.)(]|\d", _after(claim, context, 30))[0].lower()
    nearest = [
        (len(before) - match.end(), role)
        for role, pattern in _ROLE_WORDS
        for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", before)
    ]
    for role, pattern in _ROLE_WORDS_AFTER:
        if match := re.match(rf"\W*(?:\w+\W+){{0,1}}(?:{pattern})(?!\w)", after):
            nearest.append((match.start(), role))
    return list(dict.fromkeys(role for _, role in sorted(nearest)))


def _with_role(facts: Sequence[Fact], roles: Sequence[str], *, is_past: bool = False) -> list[Fact]:
    wanted = (*roles[:1],) or _STANDING
    if is_past and (not roles or roles[0] in ("change", "baseline")):
        wanted = (*wanted, "previous", "value")
    return [fact for fact in facts if fact.role in wanted]


def _is_in_passing(claim: Claim, context: _Context, roles: Sequence[str]) -> bool:
    """Whether any number of the subject will do: "9.6 of 10", "(n=271)"; else it says where the subject stands."""
    return bool(roles) or _IN_PASSING.search(_before(claim, context, 12)) is not None


def _agrees(claim: Claim, fact: Fact, context: _Context, *, is_signed: bool = True) -> bool:
    if fact.in_unit_of(claim) is None or claim.value is None:
        return False
    value = _in_unit(fact, claim)
    if fact.role not in DISTANCES:
        if is_signed:
            return claim.agrees_with(value)
        return claim.value != 0 and _unsigned(claim).agrees_with(abs(value))
    if not is_signed or (not claim.sign and fact.role != "change"):
        return _unsigned(claim).agrees_with(abs(value))
    if claim.sign:
        return claim.agrees_with(value)
    around = _before(claim, context, 40) + " " + _after(claim, context, 12)
    if (_FALLS.search(around) and value > 0) or (_RISES.search(around) and value < 0):
        return False
    return _unsigned(claim).agrees_with(abs(value))


def _unsigned(claim: Claim) -> Claim:
    value = abs(claim.value) if claim.value is not None else None
    return Claim(claim.text, claim.start, claim.end, claim.kind, value, claim.step, claim.unit)


def _in_unit(fact: Fact, claim: Claim) -> float:
    value = fact.in_unit_of(claim)
    assert value is not None
    return value


def _is_same_number(claim: Claim, fact: Fact) -> bool:
    if isinstance(fact.value, date) or claim.value is None:
        return False
    return any(_unsigned(claim).agrees_with(abs(fact.value) * factor) for factor in (1, 100))


def _crossed(claim: Claim, fact: Fact) -> str | None:
    """The threshold that the written rounding carries the value over, as text."""
    value = fact.in_unit_of(claim)
    if value is None or claim.value is None or isinstance(fact.value, date) or not fact.value:
        return None
    factor = Decimal(str(value)) / Decimal(str(fact.value))
    for threshold in fact.thresholds:
        scaled = exact(threshold * float(factor))
        if crosses(exact(value), claim.value, scaled):
            return figure(threshold, fact.unit)
    return None
