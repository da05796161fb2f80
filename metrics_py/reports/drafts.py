"""Are the numbers of a free text published? Each is bound, contradicted, stale or unknown, with the row that says so.

A text names what it speaks of: a metric, a goal or a key result, perhaps a squad or a person, perhaps a period, perhaps
a reading of the metric; without a reading the headline is meant, and without a period today. Its numbers are held
against what is published of that, in the unit they are written in, rounded half-even to the digits they are written
with. A rounding that carries a value over its target is a contradiction. A number of which the text does not say what
it is of stays unknown: nothing is bound by coincidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from metrics_py.reports.checking import Verdict
from metrics_py.reports.claims import Claim
from metrics_py.reports.fact import DISTANCES, Fact
from metrics_py.reports.facts import Facts
from metrics_py.reports.mentions import Names
from metrics_py.reports.published import Cell, Published
from metrics_py.reports.roles import STANDING, contradicts_direction, contradicts_side
from metrics_py.reports.speech import Said, Speech
from metrics_py.reports.times import time_verdict

_RULE = re.compile(r"\b(?:below|above|under|over|at least|at most|less than|more than)\s$")
"""What comes before the number of a rule, as in "the chance is 18.4%, below 30%"."""

_LESS, _MORE = re.compile(r"\bless than\s$"), re.compile(r"\bmore than\s$")


def check_numbers(text: str, published: Published, *, subjects: Sequence[str] = ()) -> list[Verdict]:
    """Hold every number of a free text against what is published.

    Args:
        text: plain text or Markdown.
        published: the snapshot.
        subjects: names or ids of what the text is about where it does not say so itself, such as "nps" or "kr-arr".
    Returns: one verdict per number, in order.
    """
    return check_against(text, Facts(published), subjects=subjects)


def check_against(text: str, facts: Facts, *, subjects: Sequence[str] = ()) -> list[Verdict]:
    """The same with the facts of a snapshot, for those who have read them already."""
    names = Names(facts)
    speech = Speech(text, facts, names, subjects)
    levels = list(names.levels_in(text))
    verdicts = []
    for claim in speech.text.claims:
        name = speech.text.name_of(claim)
        said = speech.of(claim)
        level = next((found for start, end, found in levels if start <= claim.start < end), None)
        named = () if name is None else name.cells or _cells_of(name.reading, said)
        if named:
            verdicts.append(Verdict(claim, "bound", "it is part of a name", named))
        elif level is not None:
            verdicts.append(_of_level(claim, level, said))
        elif claim.kind in ("date", "period", "time"):
            verdicts.append(time_verdict(claim, said, facts))
        else:
            verdicts.append(_verdict(claim, said, facts.published))
    return verdicts


def _verdict(claim: Claim, said: Said, published: Published) -> Verdict:
    if not said.facts:
        return Verdict(
            claim, "unknown", "the text does not say which metric or key result it is of; name it, or leave it out"
        )
    agreeing = [fact for fact in _with_role(said.asked, said) if _agrees(claim, fact, said)]
    if agreeing:
        return _bound(claim, next((fact for fact in agreeing if fact.crossed_by(claim) is None), agreeing[0]))
    # The words of the verdict itself may be said again: "below 30%", "the last reading was 75 days old".
    quoted = " ".join([*said.lead.split()[-2 if _RULE.search(said.before) else -4 :], claim.text]).lower()
    for cell in said.reasons:
        if quoted in str(published.value(cell)).lower():
            return Verdict(claim, "bound", f"{cell} says so in these words", (cell,))
    return _not_found(claim, said)


def _cells_of(reading: str, said: Said) -> tuple[Cell, ...]:
    """A cell of the reading in whose name a number stands, as in "share within 45 days"."""
    return next((fact.cells for fact in said.facts if fact.reading == reading), ())


def _bound(claim: Claim, fact: Fact) -> Verdict:
    crossed = fact.crossed_by(claim)
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


def _of_level(claim: Claim, level: int, said: Said) -> Verdict:
    """The level of an interval, as in "95% interval": values are published with 95%, forecasts with 80%."""
    for fact in said.facts:
        if fact.role == "interval" and (fact.cells[0].table == "key_result_status") == (level == 80):
            return Verdict(claim, "bound", "it is the level of the interval that is published", fact.cells)
    return Verdict(claim, "unknown", "no interval of this level is published of it; leave it out")


def _not_found(claim: Claim, said: Said) -> Verdict:
    near, asked = _with_role(said.asked, said), set(map(id, said.asked))
    right = next((fact for fact in near if fact.in_unit_of(claim) is not None), None)
    for fact in near:
        if _agrees(claim, fact, said, is_signed=False):
            return _contradicted(claim, f"the sign is wrong: {fact.cells[0]} is {fact.shown}", fact, fact)
    elsewhen = [
        fact
        for fact in _with_role(said.facts, said, is_past=True)
        if id(fact) not in asked and _agrees(claim, fact, said)
    ]
    if elsewhen and not said.periods:
        then = ", ".join(sorted(elsewhen[-1].periods)) or "an earlier day"
        now = f"; now it is {right.shown}" if right is not None else ""
        sentence = f"that was so in {then}{now}"
        return Verdict(claim, "stale", sentence, elsewhen[-1].cells, right.shown if right else None)
    if elsewhen:
        then = ", ".join(sorted(elsewhen[-1].periods)) or "another day"
        here = f"; here it is {right.shown}" if right is not None else ""
        return _contradicted(claim, f"that is of {then}{here}", elsewhen[-1], right)
    for fact in _with_role(said.other_readings, said, is_past=True):
        if _agrees(claim, fact, said):
            meant = right or next(iter(near), None)
            instead = f"; {meant.reading or meant.cells[0]} is {meant.shown}" if meant is not None else ""
            return _contradicted(
                claim, f"that is another reading, {fact.reading}, which the text does not name{instead}", fact, meant
            )
    for fact in near:
        if fact.in_unit_of(claim) is None and _is_same_number(claim, fact):
            return _contradicted(claim, f"the unit is wrong: {fact.cells[0]} is {fact.shown}", fact, fact)
    shown = right or next(iter(near), None)
    if shown is not None:
        return _contradicted(claim, f"{shown.cells[0]} is {shown.shown}", shown, shown)
    when = f" in {', '.join(sorted(said.periods))}" if said.periods else ""
    return Verdict(claim, "unknown", f"nothing of this kind is published of it{when}; leave it out, or name its row")


def _contradicted(claim: Claim, sentence: str, fact: Fact, right: Fact | None) -> Verdict:
    return Verdict(claim, "contradicted", sentence, fact.cells, right.shown if right is not None else None)


def _with_role(facts: Sequence[Fact], said: Said, *, is_past: bool = False) -> list[Fact]:
    """The facts that the words allow, in the order of their roles' nearness."""
    wanted = list(said.roles)
    if (is_past or said.is_past) and wanted[0] in (STANDING, "change", "baseline"):
        wanted += [STANDING, "previous"]
    if STANDING in wanted and (said.periods or re.search(r"\b(?:overall|pooled)\b", said.before + said.after)):
        wanted.append("pooled")
    return [fact for role in dict.fromkeys(wanted) for fact in facts if fact.role == role]


def _agrees(claim: Claim, fact: Fact, said: Said, *, is_signed: bool = True) -> bool:
    value = fact.in_unit_of(claim)
    if value is None or claim.value is None:
        return False
    if fact.role == "chance" and (_LESS.search(said.before) or _MORE.search(said.before)):
        return 0 < value < claim.value if _LESS.search(said.before) else claim.value < value < 100
    if fact.role not in DISTANCES:
        if is_signed:
            return claim.agrees_with(value)
        return claim.value != 0 and _unsigned(claim).agrees_with(abs(value))
    if is_signed and claim.sign:
        return claim.agrees_with(value)
    if is_signed and fact.role == "change" and contradicts_direction(f"{said.before[-40:]} {said.after[:12]}", value):
        return False
    if (
        is_signed
        and fact.role == "gap"
        and contradicts_side(f"{said.after[:20]} | {said.before[-30:]}", value, is_rising=fact.is_rising)
    ):
        return False
    if _LESS.search(said.before):
        return 0 < abs(value) < abs(claim.value)
    return _unsigned(claim).agrees_with(abs(value))


def _unsigned(claim: Claim) -> Claim:
    value = abs(claim.value) if claim.value is not None else None
    return Claim(claim.text, claim.start, claim.end, claim.kind, value, claim.step, claim.unit)


def _is_same_number(claim: Claim, fact: Fact) -> bool:
    if isinstance(fact.value, date) or claim.value is None:
        return False
    return any(_unsigned(claim).agrees_with(abs(fact.value) * factor) for factor in (1, 100))
