"""Where the process was broken: every rule of the stages and gates, checked against what truly happened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
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
WIP_LIMIT = 8


def violation_rows(world: World, cards: dict[str, Card]) -> list[Row]:
    """One row per broken rule and entity (a feature, or a squad for work in progress)."""
    rows: list[Row] = []
    for process, outcomes in zip(world.processes, world.outcomes, strict=True):
        feature_id = process.feature.feature_id
        shipped_at = cards[feature_id].shipped_at
        found = [*_gate_rules(process, shipped_at), *_evidence_rules(process, outcomes, cards[feature_id])]
        if shipped_at is not None:
            found += _launch_rules(process, outcomes, shipped_at)
        rows += [
            {
                "rule": rule,
                "entity_type": "feature",
                "entity_id": feature_id,
                "detail": detail,
                "planted": process.planted,
            }
            for rule, detail in found
        ]
    return rows + list(_work_in_progress(world, cards))


Found = Iterator[tuple[str, str]]


def _passes(process: Process) -> dict[str, list[datetime]]:
    result: dict[str, list[datetime]] = {}
    for known in known_reviews(process):
        if known.review.outcome == "pass":
            result.setdefault(known.review.gate, []).append(known.review.decided_at)
    return result


def _gate_rules(process: Process, shipped_at: datetime | None) -> Found:
    passes = _passes(process)
    for below, gate in zip(GATES, GATES[1:], strict=False):
        if gate not in passes:
            continue
        if below not in passes:
            yield "stage skipped", gate
        elif min(passes[below]) > min(passes[gate]):
            yield "gate decided before the one below it", gate
    for known in known_reviews(process):
        if known.review.gate == "develop" and known.review.outcome == "pass":
            if known.confidence is not None and known.confidence not in CONFIDENCE_SCALE:
                yield "confidence off the scale", known.review.review_id
            if known.confidence is None:
                yield "confidence missing", known.review.review_id
        if shipped_at is not None and known.review.outcome == "pass" and known.review.decided_at <= shipped_at:
            if local_date(known.recorded_at) > local_date(shipped_at):
                yield "gate pass written down after the ship date", known.review.review_id


def _evidence_rules(process: Process, outcomes: Outcomes, card: Card) -> Found:
    passes = _passes(process)
    idea = card.entries.get("idea")
    if idea is not None and "discover" in passes:
        held_open = (local_date(passes["discover"][0]) - local_date(idea.estimate)).days
        if held_open > TIME_BOX_DAYS:
            yield "Discover over its two weeks", f"{held_open} days"
    if "define" in passes:
        first_define = passes["define"][0]
        if process.brief_linked_at is None or process.brief_linked_at > first_define:
            yield "Define passed without a linked Discovery Brief", "define"
        ipf = [review.decided_at for review in process.ipf_reviews if review.outcome == "pass"]
        if not any(decided <= first_define for decided in ipf):
            yield "Define passed without a passed IPF review", "define"
        for role, words in (("primary", "success KPI"), ("guardrail", "guardrail")):
            if not any(d.role == role and d.defined_at <= first_define for d in outcomes.definitions):
                yield f"Define passed without a {words}", "define"
        for definition in outcomes.definitions:
            earlier = [
                d
                for d in outcomes.definitions
                if d.kpi_id == definition.kpi_id and d.defined_at < definition.defined_at
            ]
            changed = earlier and definition.target != earlier[-1].target and definition.defined_at > first_define
            if changed and definition.change_reason is None and definition.defined_at <= AS_OF:
                yield "KPI target changed after Define without a reason", definition.kpi_id
    if "develop" in passes:
        count = interviews_counted(process, passes["develop"][-1])
        if count < INTERVIEWS_REQUIRED:
            yield "fewer than five customer interviews by the Develop pass", f"{count} interviews"


def _launch_rules(process: Process, outcomes: Outcomes, shipped_at: datetime) -> Found:
    shipped_on = local_date(shipped_at)
    if not any(decided <= shipped_at for decided in _passes(process).get("deliver", [])):
        yield "launched without a Deliver pass", "deliver"
    kpis = binding_definitions(process, outcomes, shipped_at)
    if not any(d.role == "primary" for d in kpis):
        yield "shipped without a success KPI", "kpi"
    verified = dict(outcomes.verified)
    for definition in kpis:
        at = verified.get(definition.kpi_id)
        if at is None or at > shipped_at:
            yield "KPI not instrumented before launch", definition.kpi_id
    for window in WINDOWS:
        held = [r.held_at for r in outcomes.reviews if r.window_days == window and r.held_at <= AS_OF]
        closes_on = shipped_on + timedelta(days=window)
        if not held and closes_on + timedelta(days=GRACE_DAYS) <= AS_OF_ON:
            yield "outcome review missing", f"{window} days"
        if held and local_date(min(held)) < closes_on:
            yield "outcome review held before its window closed", f"{window} days"


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
            rule = "more work in progress than the squad's limit"
            yield {
                "rule": rule,
                "entity_type": "squad",
                "entity_id": squad,
                "detail": detail,
                "planted": "stalled work",
            }
