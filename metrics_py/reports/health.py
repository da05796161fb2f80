"""The health assessment: each running key result with its status, reason, pace, forecast, question and advice."""

from __future__ import annotations

from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.composing import compose, listed, tally
from metrics_py.reports.key_results import EVERYONE, KeyResult, Scope, evaluated_on, read_key_results, running
from metrics_py.reports.phrases import Phrases
from metrics_py.reports.published import Published


def health(published: Published, scope: Scope = EVERYONE) -> Document:
    """The health assessment of the running key results of a scope, by objective, the weakest first.

    Raises: WarehouseError for a missing table; UnusableInputError when no key result of the scope is running.
    """
    binder = Binder(published)
    say = Phrases(binder)
    key_results = running(read_key_results(published, scope))
    objectives: dict[str, list[KeyResult]] = {}
    for key_result in key_results:
        objectives.setdefault(str(key_result.status["objective_id"]), []).append(key_result)
    return compose(
        binder,
        "health.md.j2",
        today=binder.day(evaluated_on(key_results), "evaluated_on"),
        tally=tally(binder, key_results),
        escalated=[key_result for key_result in key_results if key_result.status["is_escalated"]],
        objectives=[(say.objective(group[0]), group) for group in objectives.values()],
        initiatives=lambda key_result: initiatives_sentence(say, key_result),
    )


def initiatives_sentence(say: Phrases, key_result: KeyResult) -> str:
    """The initiatives that should move a key result."""
    if not key_result.initiatives:
        return ""
    today = key_result.status["evaluated_on"]
    return f"{listed([say.initiative(initiative, today) for initiative in key_result.initiatives])}."
