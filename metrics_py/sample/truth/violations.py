"""Where the process was broken: every rule of the stages and gates, checked against what truly happened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from metrics_py.sample.calendar import AS_OF, AS_OF_ON, local_date
from metrics_py.sample.truth.cards import Card
from metrics_py.sample.truth.features import (
    CONFIDENCE_SCALE,
    GRACE_DAYS,
    binding_definitions,
    interviews_counted,
    known_reviews,
)
from metrics_py.sample.world.company import World
from metrics_py.sample.world.outcomes import WINDOWS, Outcomes
from metrics_py.sample.world.process import Process

Row = dict[str, Any]
GATES = ("discover", "define", "develop", "deliver", "measure_learn")
TIME_BOX_DAYS = 14
INTERVIEWS_REQUIRED = 5
WIP_LIMIT = 5


def violation_rows(world: World, cards: dict[str, Card]) -> list[Row]:
    """One row per broken rule and feature, or squad where it is about work in progress."""
    rows: list[Row] = []
    for process, outcomes in zip(world.processes, world.outcomes, strict=True):
        feature_id = process.feature.feature_id
        shipped_at = cards[feature_id].shipped_at
        found = [*_gate_rules(process, shipped_at), *_evidence_rules(process, outcomes, cards[feature_id])]
        if shipped_at is not None:
            found += _launch_rules(process, outcomes, cards[feature_id].launches[0].time.lower, shipped_at)
        rows += [
            _row(rule_id, detail, process.planted, feature_id=feature_id, squad_id=process.feature.squad.squad_id)
            for rule_id, detail in found
        ]
    return rows + list(_work_in_progress(world, cards))


Found = Iterator[tuple[str, str]]
RULES = {
    "stage_skipped": "a later gate was passed and this stage never was",
    "gate_out_of_order": "a gate was passed before the one below it",
    "brief_not_linked_before_define": "Define passed without a linked Discovery Brief",
    "ipf_not_passed_before_define": "Define passed without a passed IPF review",
    "kpis_not_defined_before_define": "Define passed without a success KPI and a guardrail",
    "kpi_target_changed_without_reason": "a KPI target changed after Define without a reason",
    "confidence_not_on_scale": "Develop passed with a confidence off the scale, or none",
    "too_few_interviews": "fewer than five customer interviews by the Develop pass",
    "discover_over_time_box": "Discover took more than two weeks",
    "instrumentation_not_verified": "launched before the measurement of a KPI was verified",
    "launched_without_deliver_pass": "launched without a Deliver pass",
    "outcome_review_missing": "an outcome review was not held",
    "outcome_review_early": "an outcome review was held before its window closed",
    "backdated_gate": "a pass dated before launch was written down after it",
    "wip_over_limit": "more features between Define and ship than the squad's limit",
    "confidence_raised_after_gate": "the confidence was raised after the decision",
    "interview_linked_after_gate": "an interview was linked after Develop had passed",
}


def _passes(process: Process) -> dict[str, list[datetime]]:
    result: dict[str, list[datetime]] = {}
    for known in known_reviews(process):
        if known.review.outcome == "pass":
            result.setdefault(known.review.gate, []).append(known.review.decided_at)
    return result


def _gate_rules(process: Process, shipped_at: datetime | None) -> Found:
    passes = _passes(process)
    for below, gate in pairwise(GATES):
        if gate not in passes:
            continue
        if below not in passes:
            yield "stage_skipped", gate
        elif min(passes[below]) > min(passes[gate]):
            yield "gate_out_of_order", gate
    for known in known_reviews(process):
        if known.review.gate == "develop" and known.review.outcome == "pass":
            if known.confidence is not None and known.confidence not in CONFIDENCE_SCALE:
                yield "confidence_not_on_scale", known.review.review_id
            if known.confidence is None:
                yield "confidence_not_on_scale", known.review.review_id
        passed = known.review.outcome == "pass"
        if shipped_at is None or not passed or known.review.decided_at > shipped_at:
            continue
        if local_date(known.recorded_at) > local_date(shipped_at):
            yield "backdated_gate", known.review.review_id


def _evidence_rules(process: Process, outcomes: Outcomes, card: Card) -> Found:
    passes = _passes(process)
    idea = card.entries.get("idea")
    if idea is not None and "discover" in passes:
        held_open = (local_date(passes["discover"][0]) - local_date(idea.estimate)).days
        if held_open > TIME_BOX_DAYS:
            yield "discover_over_time_box", f"{held_open} days"
    if "define" in passes:
        first_define = passes["define"][0]
        if process.brief_linked_at is None or process.brief_linked_at > first_define:
            yield "brief_not_linked_before_define", "define"
        ipf = [review.decided_at for review in process.ipf_reviews if review.outcome == "pass"]
        if not any(decided <= first_define for decided in ipf):
            yield "ipf_not_passed_before_define", "define"
        standing = {d.role for d in outcomes.definitions if d.defined_at <= first_define}
        if missing := {"primary", "guardrail"} - standing:
            yield "kpis_not_defined_before_define", ", ".join(sorted(missing))
        for definition in outcomes.definitions:
            earlier = [
                d
                for d in outcomes.definitions
                if d.kpi_id == definition.kpi_id and d.defined_at < definition.defined_at
            ]
            changed = earlier and definition.target != earlier[-1].target and definition.defined_at > first_define
            if changed and definition.change_reason is None and definition.defined_at <= AS_OF:
                yield "kpi_target_changed_without_reason", definition.kpi_id
    yield from _changed_after_the_gate(process, passes.get("develop", []))
    if "develop" in passes:
        count = interviews_counted(process, passes["develop"][-1])
        if count < INTERVIEWS_REQUIRED:
            yield "too_few_interviews", f"{count} interviews"


def _changed_after_the_gate(process: Process, develop_passes: list[datetime]) -> Found:
    """What was written over a decision, or linked to it, once an extract had shown it without."""
    for known in known_reviews(process):
        review = known.review
        landed_twice = review.edited_at is not None and known.confidence == review.confidence
        if landed_twice and review.edited_at and review.edited_at <= AS_OF:
            yield "confidence_raised_after_gate", f"{review.confidence} became {review.edited_confidence}"
    if develop_passes:
        for interview in process.interviews:
            if develop_passes[-1] < interview.linked_at <= AS_OF:
                yield "interview_linked_after_gate", interview.page_id


def _launch_rules(process: Process, outcomes: Outcomes, earliest: datetime, shipped_at: datetime) -> Found:
    """Where only bounds of the launch are known, a review counts as early against the earliest it can have been."""
    shipped_on = local_date(shipped_at)
    if not any(decided <= shipped_at for decided in _passes(process).get("deliver", [])):
        yield "launched_without_deliver_pass", "deliver"
    kpis = binding_definitions(process, outcomes, shipped_at)
    verified = dict(outcomes.verified)
    for definition in kpis:
        at = verified.get(definition.kpi_id)
        if at is None or at > shipped_at:
            yield "instrumentation_not_verified", definition.kpi_id
    for window in WINDOWS:
        held = [r.held_at for r in outcomes.reviews if r.window_days == window and r.held_at <= AS_OF]
        closes_on = shipped_on + timedelta(days=window)
        if not held and closes_on + timedelta(days=GRACE_DAYS) <= AS_OF_ON:
            yield "outcome_review_missing", f"{window} days"
        if held and local_date(max(held)) < local_date(earliest) + timedelta(days=window):
            yield "outcome_review_early", f"{window} days"


def _work_in_progress(world: World, cards: dict[str, Card]) -> Iterator[Row]:
    """Features of a squad between the Define pass and ship, day by day; one row per squad over its limit."""
    changes: dict[str, list[tuple[datetime, int]]] = {}
    for process in world.processes:
        defined = _passes(process).get("define", [])
        card = cards[process.feature.feature_id]
        if not defined or (card.launches and card.shipped_at is None):
            continue
        squad = process.feature.squad.squad_id
        changes.setdefault(squad, []).append((defined[0], 1))
        if card.shipped_at is not None:
            changes[squad].append((card.shipped_at, -1))
    for squad, steps in sorted(changes.items()):
        running = peak = 0
        for _, step in sorted(steps):
            running += step
            peak = max(peak, running)
        if peak > WIP_LIMIT:
            detail = f"{peak} features at once"
            yield _row("wip_over_limit", detail, "stalled work", feature_id=None, squad_id=squad)


def _row(rule_id: str, detail: str, planted: str, *, feature_id: str | None, squad_id: str) -> Row:
    return {
        "rule_id": rule_id,
        "rule": RULES[rule_id],
        "feature_id": feature_id,
        "squad_id": squad_id,
        "detail": detail,
        "planted": planted,
    }
