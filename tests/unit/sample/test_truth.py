from collections import Counter
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from metrics_py.sample.truth.cards import known_cards
from metrics_py.sample.truth.insights import insight_rows
from metrics_py.sample.truth.metrics import COMPANY, CycleTimes
from metrics_py.sample.truth.violations import RULES, violation_rows
from metrics_py.sample.world.company import World, draw_world
from metrics_py.sample.world.planting import KINDS

CHANGES = ("processed", "tagged", "linked", "started", "resolved")


@pytest.fixture(scope="module", params=[1, 2, 3])
def insights(request: pytest.FixtureRequest) -> pl.DataFrame:
    world = draw_world(request.param, 0, 1, range(1), clean=False)
    rows, _ = insight_rows(world, known_cards(world))
    return pl.DataFrame(rows, infer_schema_length=None)


@pytest.mark.parametrize("change", CHANGES)
def test_the_true_instant_always_lies_within_the_bounds(insights: pl.DataFrame, change: str) -> None:
    known = insights.filter(pl.col(f"{change}_at").is_not_null())
    truth = pl.col(f"true_{change}_at")
    assert known.height > 0
    assert known.filter(~truth.is_between(pl.col(f"{change}_lower_at"), pl.col(f"{change}_upper_at"))).is_empty()


@pytest.mark.parametrize("change", CHANGES)
def test_the_estimate_lies_within_its_bounds(insights: pl.DataFrame, change: str) -> None:
    lower, estimate, upper = (pl.col(f"{change}{suffix}") for suffix in ("_lower_at", "_at", "_upper_at"))
    assert insights.filter((lower > estimate) | (estimate > upper)).is_empty()


def test_segments_sum_to_the_cycle(insights: pl.DataFrame) -> None:
    resolved = insights.filter(pl.col("state") == "resolved")
    parts = pl.col("triage_days") + pl.col("validation_days") + pl.col("delivery_days")
    assert resolved.filter(parts != pl.col("cycle_days")).is_empty()
    assert resolved.filter(
        pl.min_horizontal("triage_days", "validation_days", "delivery_days", "cycle_days") < 0
    ).is_empty()


def test_every_state_reason_and_method_occurs(insights: pl.DataFrame) -> None:
    assert set(insights["state"]) == {"resolved", "open", "left_censored", "excluded"}
    assert {"archived", "merged", "untagged", "unlinked", "wont_do", "launched_before_start"} <= set(insights["reason"])
    assert set(insights["tagged_method"]) == {"webhook", "updated_at"}
    assert set(insights["linked_method"]) == {"webhook", "updated_at", "snapshot"}
    assert {"source_history", "portal_log", "updated_at"} <= set(insights["resolved_method"])


def test_what_an_extract_shows_is_what_the_truth_expects_of_it(sample: Path) -> None:
    first_processed: dict[str, datetime] = {}
    for path in sorted((sample / "extracts" / "productboard" / "notes").iterdir()):
        shown = pl.read_ndjson(path, infer_schema_length=None, schema_overrides={"processed": pl.String})
        processed = (pl.col("processed") == "true") | (pl.col("state") == "processed")
        for note in shown.filter(processed)["id"]:
            first_processed.setdefault(note, datetime.strptime(path.name[:18], "%Y-%m-%dT%H%M%SZ"))
    insights = pl.read_parquet(sample / "truth" / "insights.parquet")
    snapshots = insights.filter((pl.col("processed_method") != "webhook") & (pl.col("state") != "left_censored"))
    expected = dict(snapshots.select("insight_id", "processed_upper_at").iter_rows())
    assert {note: first_processed[note] for note in expected} == expected


def test_a_planted_violation_is_found_and_every_rule_occurs(world: World) -> None:
    rows = violation_rows(world, known_cards(world))
    found = Counter(row["rule_id"] for row in rows)
    assert set(found) == set(RULES)
    culprits = {row["feature_id"] for row in rows}
    planted = {feature for feature, kind in world.planted.items() if kind in KINDS and kind != "outcome_review_missing"}
    assert planted <= culprits


def test_a_clean_company_breaks_no_rule(clean_world: World) -> None:
    assert violation_rows(clean_world, known_cards(clean_world)) == []


def test_a_percentile_is_by_nearest_rank_and_beside_it_interpolated(world: World) -> None:
    days = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 200]
    counts = CycleTimes(company_only=True)
    counts.add([_resolved(world.features[0].feature_id, cycle_days) for cycle_days in days], world)
    rows = [row for row in counts.rows([COMPANY]) if row["period_start"] == date(2025, 3, 31) and row["n"] == len(days)]
    values = {row["reading"]: row["value"] for row in rows}
    assert values["p90_launched"] == 100
    assert values["p90_launched_cont"] == 100
    gone = [
        row
        for row in counts.rows([COMPANY])
        if row["period_start"] == date(2025, 6, 29) and row["reading"] == "p90_launched"
    ]
    assert gone[0]["value"] is None


def _resolved(feature_id: str, cycle_days: int) -> dict[str, object]:
    return {
        "state": "resolved",
        "first_card_feature_id": feature_id,
        "squad_id": "s",
        "person_id": "p",
        "resolved_on": date(2025, 3, 31),
        "started_on": date.fromordinal(date(2025, 3, 31).toordinal() - cycle_days),
        "cycle_days": cycle_days,
    }
