"""Are the dates and periods of a free text published?"""

from __future__ import annotations

import re
from datetime import date

from metrics_py.reports.checking import Verdict
from metrics_py.reports.claims import Claim
from metrics_py.reports.facts import Facts
from metrics_py.reports.periods import names_of
from metrics_py.reports.published import Cell
from metrics_py.reports.speech import Said

_SAID = (
    ("readable_on", r"readable|judged"),
    ("period_end", r"\bends?\b|until|by the end|due"),
    ("launch_on", r"launched"),
    ("planned_launch_on", r"planned|launch"),
)


def time_verdict(claim: Claim, said: Said, facts: Facts) -> Verdict:
    """How a date or a period of a text stands to what is published of its subject, and to the calendar."""
    for fact in said.facts:
        if isinstance(fact.value, date) and claim.day is not None and _same_day(claim, fact.value):
            return Verdict(claim, "bound", f"{fact.cells[0]} says so", fact.cells, fact.shown)
    name = claim.period or (claim.day.isoformat() if claim.day and claim.has_year else "")
    for fact in said.facts:
        if name and fact.lies_in([name]):
            return Verdict(claim, "bound", f"{fact.cells[0]} is of that time", fact.cells)
    words = (said.before[-60:] + said.after[:20]).lower()
    for role, pattern in _SAID if claim.day is not None else ():
        right = next((fact for fact in said.facts if fact.role == role and fact.is_current), None)
        if right is not None and re.search(pattern, words):
            return Verdict(claim, "contradicted", f"{right.cells[0]} says {right.shown}", right.cells, right.shown)
    for day, cell in facts.today.items():
        if claim.day is not None and _same_day(claim, day):
            return Verdict(claim, "bound", "what is published is as of that day", (cell,))
    for day, quarter in facts.quarters.items():
        if day <= max(facts.today) and name in names_of(day, None, {day: quarter}).wider:
            cell = Cell("dim_dates", (("date_on", day),), "fiscal_quarter")
            return Verdict(claim, "bound", "it is a period that is published", (cell,))
    if not said.facts:
        return Verdict(
            claim, "unknown", "the text does not say which metric or key result it is of; name it, or leave it out"
        )
    return Verdict(claim, "unknown", "nothing that is published of it is of that time; leave it out, or name its row")


def _same_day(claim: Claim, day: date) -> bool:
    assert claim.day is not None
    return day == claim.day if claim.has_year else (day.month, day.day) == (claim.day.month, claim.day.day)
