"""KPIs, their readings, outcome reviews and instrumentation of each feature."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from metrics_py.sample.organisation import stream
from metrics_py.sample.world.lifecycle import Feature, moment

WINDOWS = (14, 30, 60, 90)
_KPIS = ("adoption_rate", "task_success_rate", "weekly_active_accounts", "time_to_dispatch", "tickets_per_account")
_GUARDRAILS = ("p95_latency_ms", "error_rate", "support_contacts")
_MISS_STAGES = ("discover", "define", "develop", "deliver", "enablement")


@dataclass(frozen=True)
class Definition:
    """A KPI as defined, or as redefined, from `defined_at` on."""

    kpi_id: str
    name: str
    role: str
    metric: str
    direction: str
    baseline: float
    target: float
    window_days: int
    defined_at: datetime
    change_reason: str | None = None


@dataclass(frozen=True)
class Reading:
    """A reading of a KPI for one window."""

    kpi_id: str
    window_days: int
    value: float
    measured_at: datetime
    is_final: bool


@dataclass(frozen=True)
class OutcomeReview:
    """An outcome review, with the stage held to be the reason of a miss."""

    window_days: int
    held_at: datetime
    miss_stage: str | None
    miss_reason: str | None


@dataclass
class Outcomes:
    """What a feature set out to move and what was measured after its launch."""

    feature: Feature
    definitions: list[Definition] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    reviews: list[OutcomeReview] = field(default_factory=list)
    verified: list[tuple[str, datetime]] = field(default_factory=list)


def draw_outcomes(
    seed: int, chunk: int, features: list[Feature], planted: dict[str, str], *, clean: bool
) -> list[Outcomes]:
    """The outcomes of every feature that is not part of another; in a clean company every review is held in time."""
    random = stream(seed, chunk, "outcomes")
    return [
        _outcomes(random, feature, planted.get(feature.feature_id, "none"), clean=clean)
        for feature in features
        if not feature.is_subfeature
    ]


def _outcomes(random: np.random.Generator, feature: Feature, planted: str, *, clean: bool) -> Outcomes:
    outcomes = Outcomes(feature)
    plan = feature.plan
    if plan.discover is None:
        return outcomes
    outcomes.definitions = [] if planted == "no_kpi" else _definitions(random, feature, planted)
    if plan.launch is None or not feature.launches:
        return outcomes
    for kpi_id in {definition.kpi_id: None for definition in outcomes.definitions}:
        verified = moment(random, plan.launch - timedelta(days=1), 8, 17)
        if planted == "instrumentation_late":
            verified = moment(random, plan.launch + timedelta(days=3))
        if planted != "instrumentation_missing":
            outcomes.verified.append((kpi_id, verified))
    hits = planted != "no_kpi" and bool(random.random() < _hit_chance(feature, plan.launch))
    _readings(random, outcomes, hits, clean=clean)
    _reviews(random, outcomes, plan.launch, hits, planted)
    return outcomes


def _hit_chance(feature: Feature, launch: date) -> float:
    chance = (0.92, 0.86, 0.82, 0.72)[feature.squad.place]
    return chance - (0.14 if launch >= date(2025, 7, 1) else 0.0)


def _definitions(random: np.random.Generator, feature: Feature, planted: str) -> list[Definition]:
    plan = feature.plan
    assert plan.discover is not None
    defined = moment(random, plan.discover + timedelta(days=2), 9, 15)
    if planted == "kpis_defined_after_define" and plan.define:
        defined = moment(random, plan.define + timedelta(days=2))
    result: list[Definition] = []
    primaries = 1 + int(random.random() < 0.35)
    for number in range(primaries + (planted != "no_guardrail")):
        role = "primary" if number < primaries else "guardrail"
        pool = _KPIS if role == "primary" else _GUARDRAILS
        metric = pool[(int(random.integers(len(pool))) + number) % len(pool)]
        falls = metric in (*_GUARDRAILS, "time_to_dispatch", "tickets_per_account")
        baseline = float(random.integers(20, 60))
        change = float(random.integers(4, 15))
        target = baseline - change if falls and role == "primary" else baseline + change
        window = WINDOWS[int(np.searchsorted([0.1, 0.5, 0.8], random.random(), side="right"))]
        kpi_id = f"k{number + 1}"
        direction = "decrease" if falls else "increase"
        name = metric.replace("_", " ").capitalize()
        result.append(Definition(kpi_id, name, role, metric, direction, baseline, target, window, defined))
    changed = planted == "target_changed_without_reason"
    if plan.develop is not None and (changed or (planted == "none" and random.random() < 0.08)):
        first = result[0]
        easier = first.target - 2 if first.direction == "increase" else first.target + 2
        reason = None if changed else "Scope cut agreed at the midpoint review"
        at = moment(random, plan.develop, 13, 16)
        result.append(
            Definition(
                first.kpi_id,
                first.name,
                first.role,
                first.metric,
                first.direction,
                first.baseline,
                easier,
                first.window_days,
                at,
                reason,
            )
        )
    return result


def _readings(random: np.random.Generator, outcomes: Outcomes, hits: bool, *, clean: bool) -> None:
    originals = {d.kpi_id: d for d in reversed(outcomes.definitions)}
    shipped = outcomes.feature.launches[0].launched_at
    failing = "" if hits or not originals else sorted(originals)[int(random.integers(len(originals)))]
    for kpi_id, definition in sorted(originals.items()):
        sign = 1.0 if definition.direction == "increase" else -1.0
        surplus = float(random.integers(1, 60)) / 10
        good, bad = definition.target + sign * surplus, definition.target - sign * surplus
        final = bad if kpi_id == failing else good
        if random.random() < 0.05 and kpi_id != failing:
            final = definition.target
        for window in WINDOWS:
            if window < definition.window_days and random.random() < 0.6:
                early = final if random.random() < 0.7 else bad
                at = shipped + timedelta(days=window + 1, hours=2)
                outcomes.readings.append(Reading(kpi_id, window, early, at, False))
        if random.random() < (0.0 if clean else 0.03):
            continue
        provisional = final if random.random() < 0.85 else (good if final == bad else bad)
        first_read = shipped + timedelta(days=definition.window_days + int(random.integers(1, 4)), hours=1)
        settled = random.random() < 0.9
        value = provisional if settled else final
        outcomes.readings.append(Reading(kpi_id, definition.window_days, value, first_read, False))
        if settled:
            at = shipped + timedelta(days=definition.window_days + 10, hours=int(random.integers(2, 60)))
            outcomes.readings.append(Reading(kpi_id, definition.window_days, final, at, True))


def _reviews(random: np.random.Generator, outcomes: Outcomes, launch: date, hits: bool, planted: str) -> None:
    stage = reason = None
    if not hits and random.random() < 0.8:
        stage = _MISS_STAGES[int(random.integers(len(_MISS_STAGES)))]
        reason = 'Sales said "not in our contract";\nthe launch mail went out late'
    for window in WINDOWS:
        if planted == "outcome_review_missing" and window == 30:
            continue
        held = moment(random, launch + timedelta(days=window + int(random.integers(0, 6))))
        if planted == "outcome_review_early" and window == 14:
            held = moment(random, launch + timedelta(days=window - 4))
        told = window >= 60
        outcomes.reviews.append(OutcomeReview(window, held, stage if told else None, reason if told else None))
