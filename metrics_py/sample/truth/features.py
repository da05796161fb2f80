"""Features: the evidence at their gate, their score, their KPIs and whether they hit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from metrics_py.sample.calendar import AS_OF, AS_OF_ON, EXTRACTS, extract_holding, local_date, quarter_start
from metrics_py.sample.truth.cards import Card
from metrics_py.sample.truth.change_times import first_shown
from metrics_py.sample.world.company import World
from metrics_py.sample.world.outcomes import Definition, Outcomes, Reading
from metrics_py.sample.world.process import Process, Review

Row = dict[str, Any]
CONFIDENCE_SCALE = (1.0, 2.0, 3.0, 4.0, 5.0)
GRACE_DAYS = 10
_METHOD_NAMES = {"interviews_property": "page_property", "body_links": "page_body"}


@dataclass(frozen=True)
class KnownReview:
    """A gate review in the version that landed first."""

    review: Review
    confidence: float | None
    recorded_at: datetime


def known_reviews(process: Process) -> list[KnownReview]:
    """Reviews some extract shows, each in its first version seen, by time of decision."""
    result = []
    for review in process.reviews:
        number = extract_holding(review.recorded_at)
        if number is None:
            continue
        edited = review.edited_at is not None and review.edited_at <= EXTRACTS[number]
        confidence = review.edited_confidence if edited else review.confidence
        recorded = review.edited_at if edited and review.edited_at else review.recorded_at
        result.append(KnownReview(review, confidence, recorded))
    return sorted(result, key=lambda known: known.review.decided_at)


def scoring_review(process: Process, shipped_at: datetime) -> KnownReview | None:
    """The last Develop pass decided by the ship and not written down after the ship date."""
    passes = [
        known
        for known in known_reviews(process)
        if known.review.gate == "develop"
        and known.review.outcome == "pass"
        and known.review.decided_at <= shipped_at
        and local_date(known.recorded_at) <= local_date(shipped_at)
    ]
    return passes[-1] if passes else None


def interviews_counted(process: Process, decided_at: datetime) -> int:
    """Distinct notes with an external customer, held and linked on or before the decision."""
    if process.method == "interview_override":
        stated = process.override
        return stated[0] if stated and stated[1] <= decided_at else 0
    links = {interview.page_id: interview.linked_at for interview in process.interviews}
    if process.method == "body_links":
        links = _body_links(process)
    counted = [
        interview
        for interview in process.interviews
        if interview.page_id in links
        and links[interview.page_id] <= decided_at
        and interview.held_at <= decided_at
        and any(is_external for _, is_external in interview.people)
    ]
    return len({interview.page_id for interview in counted})


def _body_links(process: Process) -> dict[str, datetime]:
    """Each linked page, dated by the first version of the brief some extract shows that holds the link."""
    links: dict[str, datetime] = {}
    for place, (saved, page_ids) in enumerate(process.body_versions):
        following = process.body_versions[place + 1][0] if place + 1 < len(process.body_versions) else None
        if first_shown(saved, following) is None:
            continue
        for page_id in page_ids:
            links.setdefault(page_id, saved)
    return links


def binding_definitions(process: Process, outcomes: Outcomes, shipped_at: datetime) -> list[Definition]:
    """The KPIs as they stood at the last Define pass before ship; without any then, the first ones before ship."""
    passes = [
        known.review.decided_at
        for known in known_reviews(process)
        if known.review.gate == "define" and known.review.outcome == "pass" and known.review.decided_at <= shipped_at
    ]
    frozen_at = max(passes, default=None)
    before_ship = [d for d in outcomes.definitions if d.defined_at <= min(shipped_at, AS_OF)]
    before_ship.sort(key=lambda definition: definition.defined_at)
    standing: dict[str, Definition] = {}
    if frozen_at is not None:
        standing = {d.kpi_id: d for d in before_ship if d.defined_at <= frozen_at}
    if not any(d.role == "primary" for d in standing.values()):
        standing = {d.kpi_id: d for d in reversed(before_ship)}
    return [standing[kpi_id] for kpi_id in sorted(standing)]


def meets(definition: Definition, value: float) -> bool:
    """A reading on the wanted side of the target, or on it."""
    return value >= definition.target if definition.direction == "increase" else value <= definition.target


def judged_reading(definition: Definition, outcomes: Outcomes) -> Reading | None:
    """The final reading of the decision window, else its latest."""
    readings = [
        reading
        for reading in outcomes.readings
        if reading.kpi_id == definition.kpi_id
        and reading.window_days == definition.window_days
        and reading.measured_at <= AS_OF
    ]
    return max(readings, key=lambda reading: (reading.is_final, reading.measured_at), default=None)


def feature_rows(world: World, cards: dict[str, Card]) -> list[Row]:
    """One row per feature that is there by as_of and not part of another, shipped or not."""
    return [
        _feature_row(process, outcomes, cards[process.feature.feature_id])
        for process, outcomes in zip(world.processes, world.outcomes, strict=True)
        if process.feature.created_at <= AS_OF
    ]


def _feature_row(process: Process, outcomes: Outcomes, card: Card) -> Row:
    feature = process.feature
    shipped_at = card.shipped_at
    unknown = bool(card.launches) and shipped_at is None
    row: Row = {
        "feature_id": feature.feature_id,
        "exclusion_reason": "launched_before_first_extract" if unknown else "not_shipped",
        "true_shipped_at": feature.launches[0].launched_at if feature.shipped_at else None,
        "planted": process.planted,
    }
    if shipped_at is None:
        return row
    owner = feature.owner_at(shipped_at)
    row |= {
        "exclusion_reason": None,
        "shipped_at": shipped_at,
        "shipped_on": local_date(shipped_at),
        "ship_quarter_start": quarter_start(local_date(shipped_at)),
        "ship_method": card.launches[0].time.method,
        "ship_person_id": owner.person,
        "ship_squad_id": owner.squad_id,
        "is_withdrawn_early": card.launches[0].is_withdrawn_early,
    }
    return row | _score(process, shipped_at, owner.person, owner.squad_id) | _outcome(process, outcomes, shipped_at)


def _score(process: Process, shipped_at: datetime, ship_person: str, ship_squad: str) -> Row:
    scoring = scoring_review(process, shipped_at)
    if scoring is None:
        return {
            "ddqs": None,
            "ddqs_reason": "no_develop_pass",
            "ddqs_person_id": ship_person,
            "ddqs_squad_id": ship_squad,
        }
    decided = scoring.review.decided_at
    count = interviews_counted(process, decided)
    reason = None
    if scoring.confidence is None:
        reason = "no_confidence"
    elif scoring.confidence not in CONFIDENCE_SCALE:
        reason = "confidence_off_scale"
    owner = process.feature.owner_at(decided)
    return {
        "ddqs_review_id": scoring.review.review_id,
        "ddqs_confidence_score": scoring.confidence,
        "ddqs_interview_count": count,
        "ddqs_count_method": _METHOD_NAMES.get(process.method, process.method),
        "ddqs": None if reason or scoring.confidence is None else scoring.confidence + count,
        "ddqs_reason": reason,
        "ddqs_person_id": ship_person if reason else owner.person,
        "ddqs_squad_id": ship_squad if reason else owner.squad_id,
    }


def _outcome(process: Process, outcomes: Outcomes, shipped_at: datetime) -> Row:
    shipped_on = local_date(shipped_at)
    kpis = binding_definitions(process, outcomes, shipped_at)
    primaries = [d for d in kpis if d.role == "primary"]
    guardrails = [d for d in kpis if d.role == "guardrail"]
    readings = {d.kpi_id: judged_reading(d, outcomes) for d in kpis}

    def met(definition: Definition) -> bool:
        reading = readings[definition.kpi_id]
        return reading is not None and meets(definition, reading.value)

    def ever_met(definition: Definition) -> bool:
        return any(
            meets(definition, reading.value)
            for reading in outcomes.readings
            if reading.kpi_id == definition.kpi_id and shipped_at <= reading.measured_at <= AS_OF
        )

    matured_on = shipped_on
    if primaries:
        matured_on = max(shipped_on + timedelta(days=d.window_days + GRACE_DAYS) for d in kpis)
    matured = matured_on <= AS_OF_ON
    on_target = bool(primaries) and all(met(d) for d in kpis)
    return {
        "kpi_count": len(primaries),
        "kpi_met_count": sum(met(d) for d in primaries),
        "guardrail_count": len(guardrails),
        "guardrail_breach_count": sum(readings[d.kpi_id] is not None and not met(d) for d in guardrails),
        "unread_count": sum(readings[d.kpi_id] is None and _is_closed(d, shipped_on) for d in kpis),
        "matured_on": matured_on,
        "is_matured": matured,
        "is_hit": matured and on_target,
        "is_early_hit": not matured and on_target,
        "is_any_kpi_met": matured and any(met(d) for d in primaries),
        "is_ever_met": matured and bool(primaries) and all(ever_met(d) for d in primaries),
        "miss_stage": _miss_stage(outcomes) if matured and not on_target else None,
    }


def _is_closed(definition: Definition, shipped_on: date) -> bool:
    return shipped_on + timedelta(days=definition.window_days + GRACE_DAYS) <= AS_OF_ON


def _miss_stage(outcomes: Outcomes) -> str:
    """The stage named by the last review held; enablement belongs to Deliver."""
    held = [review for review in outcomes.reviews if review.held_at <= AS_OF]
    last = max(held, key=lambda review: (review.held_at, review.window_days), default=None)
    stage = last.miss_stage if last else None
    return {"enablement": "deliver", None: "undiagnosed"}.get(stage) or str(stage)
