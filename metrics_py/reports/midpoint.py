"""The midpoint review: health, the one key result that matters most, and the targets that may have to change."""

from __future__ import annotations

from collections.abc import Sequence

from metrics_py.okr.attainment import most_important
from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.composing import compose, tally, two_sided
from metrics_py.reports.key_results import EVERYONE, KeyResult, Scope, evaluated_on, read_key_results, running
from metrics_py.reports.phrases import Phrases
from metrics_py.reports.published import Published


def midpoint_review(published: Published, scope: Scope = EVERYONE) -> Document:
    """The midpoint review of the running key results of a scope.

    Raises: WarehouseError for a missing table; UnusableInputError when no key result of the scope is running.
    """
    binder = Binder(published)
    say = Phrases(binder)
    key_results = running(read_key_results(published, scope))
    first, dependents = _most_important(key_results)
    changed = [one for one in key_results if one.agreed["original_target"] is not None]
    off_track = [one for one in key_results if one.label == "off_track" and one not in changed]
    return compose(
        binder,
        "midpoint.md.j2",
        today=binder.day(evaluated_on(key_results), "evaluated_on"),
        tally=tally(binder, key_results),
        two_sided=two_sided(key_results),
        escalated=[one for one in key_results if one.status["is_escalated"]],
        most_important=first,
        why=_why(binder, first, dependents, key_results),
        key_results=key_results,
        changed=[f"**{say.name(one)}** ({say.owner(one)}). {say.target_change(one)}" for one in changed],
        candidates=[_candidate(say, one) for one in off_track],
    )


def _most_important(key_results: Sequence[KeyResult]) -> tuple[KeyResult, list[KeyResult]]:
    by_key = {one.key: one for one in key_results}
    links = [(one.key, needed) for one in key_results for needed in one.depends_on]
    weights = {key: float(one.agreed["weight"] or 1.0) for key, one in by_key.items()}
    first = by_key[most_important(weights, links)[0]]
    return first, _dependents(first, key_results)


def _dependents(first: KeyResult, key_results: Sequence[KeyResult]) -> list[KeyResult]:
    found: list[KeyResult] = []
    reached = {first.key}
    while new := [one for one in key_results if one.key not in reached and reached.intersection(one.depends_on)]:
        found += new
        reached |= {one.key for one in new}
    return found


def _why(binder: Binder, first: KeyResult, dependents: Sequence[KeyResult], key_results: Sequence[KeyResult]) -> str:
    if dependents:
        rows = [one.status for one in dependents]
        depend = binder.how_many(rows, "other key result depends", "other key results depend")
        return f"{depend} on it, directly or through others"
    if len(key_results) == 1:
        return "it is the only key result that is running"
    heaviest = [one for one in key_results if one.agreed["weight"] == first.agreed["weight"]]
    if len(heaviest) > 1:
        return "no key result depends on another and several weigh most, of which it is the first by name"
    return "no key result depends on another, and it weighs most"


def _candidate(say: Phrases, one: KeyResult) -> str:
    said = (say.reason(one), say.forecast(one, has_chance=False), say.plan(one))
    return f"**{say.name(one)}** ({say.owner(one)}). {' '.join(text for text in said if text)}"
