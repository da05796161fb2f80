"""The sheets kept by hand: reviews, briefs, interviews, releases, owners, KPIs and check-ins."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics_py.sample.calendar import AS_OF, midnight
from metrics_py.sample.organisation import stream
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.company import World

Rows = Iterator[dict[str, Any]]


def tables(world: World) -> list[Table]:
    """Every sheet."""
    sheets: dict[str, Callable[[World], Rows]] = {
        "stage_gate_review": _gate_reviews,
        "ipf_review": _ipf_reviews,
        "feature_brief": _briefs,
        "interview": _interviews,
        "brief_interview": _brief_interviews,
        "interview_override": _overrides,
        "release": _releases,
        "feature_owner": _owners,
        "feature_kpi_definition": _definitions,
        "feature_kpi_reading": _readings,
        "outcome_review": _outcome_reviews,
        "feature_instrumentation": _instrumentation,
        "key_result_checkin": _checkins,
    }
    result = []
    for name, rows_of in sheets.items():
        rows = [{**row, "_to": row.get("_to")} for row in rows_of(world) if row["_from"] <= AS_OF]
        if rows:
            frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"_to": pl.Datetime("us")})
            dates = ("valid_from",) if name == "feature_owner" else ()
            result.append(Table("product_ops", name, "sheet", frame.select(_order(frame.columns)), dates=dates))
    return result


def _order(columns: list[str]) -> list[str]:
    return sorted(columns, key=lambda column: column.startswith("_"))


def _gate_reviews(world: World) -> Rows:
    for process in world.processes:
        for review in process.reviews:
            row = {
                "review_id": review.review_id,
                "feature_id": process.feature.feature_id,
                "gate": review.gate,
                "outcome": review.outcome,
                "confidence_score": review.confidence,
                "reviewer": "theo.lang@cxt.example",
                "decided_at": review.decided_at,
                "recorded_at": review.recorded_at,
                "recorded_by": process.feature.owner_at(review.decided_at).person,
                "_from": review.recorded_at,
                "_to": review.edited_at,
            }
            yield row
            if review.edited_at is not None:
                written_over = {"confidence_score": review.edited_confidence, "recorded_at": review.edited_at}
                yield {**row, **written_over, "_from": review.edited_at, "_to": None}


def _ipf_reviews(world: World) -> Rows:
    for process in world.processes:
        for review in process.ipf_reviews:
            yield {
                "review_id": review.review_id,
                "feature_id": process.feature.feature_id,
                "outcome": review.outcome,
                "decided_at": review.decided_at,
                "_from": review.decided_at,
            }


def _briefs(world: World) -> Rows:
    for process in world.processes:
        if process.brief_id is not None:
            linked = process.brief_linked_at
            yield {
                "feature_id": process.feature.feature_id,
                "page_id": process.brief_id,
                "linked_at": linked,
                "_from": linked,
            }


def _interviews(world: World) -> Rows:
    for process in world.processes:
        for interview in process.interviews:
            for person, is_external in interview.people:
                yield {
                    "page_id": interview.page_id,
                    "customer_id": interview.customer_id,
                    "person_id": person,
                    "is_external": is_external,
                    "held_at": interview.held_at,
                    "_from": interview.held_at,
                }


def _brief_interviews(world: World) -> Rows:
    for process in world.processes:
        for interview in process.interviews:
            if process.method == "brief_interview":
                yield {
                    "brief_page_id": process.brief_id,
                    "interview_page_id": interview.page_id,
                    "linked_at": interview.linked_at,
                    "_from": interview.linked_at,
                }


def _overrides(world: World) -> Rows:
    for process in world.processes:
        if process.override is not None:
            count, recorded = process.override
            yield {
                "feature_id": process.feature.feature_id,
                "interview_count": count,
                "reason": "Calls were held before notes were kept",
                "recorded_at": recorded,
                "_from": recorded,
            }


def _releases(world: World) -> Rows:
    for feature in world.features:
        if not feature.has_release:
            continue
        if feature.beta_at is not None:
            beta = {"feature_id": feature.feature_id, "audience": "beta", "released_at": feature.beta_at}
            yield {**beta, "withdrawn_at": None, "_from": feature.beta_at}
        for launch in feature.launches:
            row = {"feature_id": feature.feature_id, "audience": "full", "released_at": launch.launched_at}
            gone = launch.withdrawn_at
            yield {**row, "withdrawn_at": None, "_from": launch.launched_at, "_to": gone}
            if gone is not None:
                yield {**row, "withdrawn_at": gone, "_from": gone}


def _owners(world: World) -> Rows:
    for feature in world.features:
        if feature.is_subfeature:
            continue
        for number, owner in enumerate(feature.owners):
            # Addresses are typed by hand: blanks and capitals creep in.
            email = f" {owner.person.title()} " if number == 1 else owner.person
            since = midnight(owner.valid_from)
            yield {
                "feature_id": feature.feature_id,
                "pm_email": email,
                "squad": owner.squad_id,
                "valid_from": since,
                "_from": since,
            }


def _definitions(world: World) -> Rows:
    for outcomes in world.outcomes:
        for definition in outcomes.definitions:
            yield {
                "feature_id": outcomes.feature.feature_id,
                "kpi_id": definition.kpi_id,
                "name": definition.name,
                "role": definition.role,
                "metric": definition.metric,
                "direction": definition.direction,
                "baseline": definition.baseline,
                "target_value": definition.target,
                "window_days": definition.window_days,
                "defined_at": definition.defined_at,
                "change_reason": definition.change_reason,
                "_from": definition.defined_at,
            }


def _readings(world: World) -> Rows:
    for outcomes in world.outcomes:
        for reading in outcomes.readings:
            yield {
                "feature_id": outcomes.feature.feature_id,
                "kpi_id": reading.kpi_id,
                "window_days": reading.window_days,
                "value": reading.value,
                "measured_at": reading.measured_at,
                "is_final": reading.is_final,
                "_from": reading.measured_at,
            }


def _outcome_reviews(world: World) -> Rows:
    for outcomes in world.outcomes:
        for review in outcomes.reviews:
            yield {
                "feature_id": outcomes.feature.feature_id,
                "window_days": review.window_days,
                "held_at": review.held_at,
                "page_id": None,
                "miss_stage": review.miss_stage,
                "miss_reason": review.miss_reason,
                "_from": review.held_at,
            }


def _instrumentation(world: World) -> Rows:
    for outcomes in world.outcomes:
        for kpi_id, verified in outcomes.verified:
            yield {
                "feature_id": outcomes.feature.feature_id,
                "kpi_id": kpi_id,
                "verified_at": verified,
                "_from": verified,
            }


_KEY_RESULTS = {
    "kr-arr": (8_000_000.0, 9_450_000.0, 30),
    "kr-nps": (6.0, 13.0, 91),
    "kr-ddqs": (6.2, 6.9, 30),
    "kr-ploar": (0.80, 0.72, 30),
    "kr-circt": (52.0, 41.0, 7),
    "kr-dispatch-time": (18.0, 14.5, 14),
    "kr-self-serve-invoices": (0.31, 0.44, 14),
}
"""Key results: value at the start of 2025, value at its end, days between check-ins."""


_SAID: tuple[tuple[str, date, str, str | None, tuple[str, str, date] | None], ...] = (
    (
        "kr-circt-driver-app-2025h2",
        date(2025, 11, 10),
        "diego.ramos@cxt.example",
        "Validation takes most of the time. Recovery plan: Emma Lindqvist takes validation off the release train until "
        "12 December, and the three oldest pains go first.",
        None,
    ),
    (
        "kr-nps",
        date(2026, 1, 12),
        "theo.lang@cxt.example",
        None,
        ("at_risk", "Three detractor accounts renewed in January, after the last wave.", date(2026, 2, 28)),
    ),
    (
        "kr-dispatch-time",
        date(2026, 1, 20),
        "ana.silva@cxt.example",
        "Loads wait for a carrier to accept. Recovery plan: Chloe Tran opens carrier alerts to the ten largest "
        "carriers by 9 February, and Ana Silva reads the minutes of their loads on 16 February.",
        ("at_risk", "The first two carriers on the beta accept within four minutes.", date(2026, 2, 16)),
    ),
    (
        "kr-circt",
        date(2026, 1, 26),
        "theo.lang@cxt.example",
        "Recovery plan: each squad names its three oldest open pains every Monday and launches one of them by 27 "
        "February.",
        None,
    ),
    (
        "kr-circt-billing-2026q1",
        date(2026, 1, 27),
        "jonas.berg@cxt.example",
        "Old pains, not new ones, miss the 45 days. Recovery plan: Keiko Sato and Liam Murphy close the pains older "
        "than 60 days before any new card starts, by 20 February.",
        None,
    ),
)
"""What was said without a value: key result, day, who, comment, and a person's own label with reason and expiry."""


def _checkins(world: World) -> Rows:
    if world.chunk > 0:
        return
    yield from _measured(world)
    for key_result, day, person, comment, override in _SAID:
        label, reason, expires_on = override or (None, None, None)
        yield {
            "key_result_id": key_result,
            "observed_on": day,
            "value": None,
            "matured_share": None,
            "recorded_at": midnight(day) + timedelta(hours=16),
            "recorded_by": person,
            "comment": comment,
            "status_override": label,
            "override_reason": reason,
            "override_expires_on": expires_on,
            "_from": midnight(day) + timedelta(hours=16),
        }


def _measured(world: World) -> Rows:
    random = stream(world.seed, world.chunk, "check-ins")
    for key_result, (start, end, cadence) in _KEY_RESULTS.items():
        day = date(2025, 1, 6)
        while day <= date(2026, 1, 28):
            share = (day - date(2025, 1, 6)).days / 385
            noise = float(random.normal(0, 0.04))
            recorded = midnight(day) + timedelta(hours=int(random.integers(9, 17)))
            yield {
                "key_result_id": key_result,
                "observed_on": day,
                "value": round(start + (end - start) * (share + noise), 3),
                "matured_share": 1.0,
                "recorded_at": recorded,
                "recorded_by": "theo.lang@cxt.example",
                "comment": 'ok; "on plan"\nsee the board' if noise > 0.06 else None,
                "status_override": None,
                "override_reason": None,
                "override_expires_on": None,
                "_from": recorded,
            }
            day += timedelta(days=cadence)
