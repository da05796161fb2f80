"""The seeds of key results are read by the library as they stand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from metrics_py.okr.evaluation import key_result_statuses
from metrics_py.okr.frameworks import check_framework
from metrics_py.okr.lint import lint_path
from metrics_py.okr.rules import DEFAULT_RULES, THRESHOLDS, StatusRules

SEEDS = Path(__file__).parents[3] / "seeds"


def seed(name, area="okr"):
    return pl.read_csv(SEEDS / area / f"{name}.csv", try_parse_dates=True)


def test_the_thresholds_of_the_seed_are_the_published_ones():
    rules = seed("key_result_rules")
    assert rules.columns == list(THRESHOLDS)
    assert StatusRules(**rules.row(0, named=True)) == DEFAULT_RULES


def test_the_seeds_break_no_rule_and_the_lint_names_their_one_orphan():
    report = lint_path(SEEDS / "okr")
    assert report.errors == 0
    assert [found.subject for found in report.findings if found.rule == "initiative-orphan"] == ["new-brand"]
    assert {classed.kind for classed in report.classes} == {"outcome"}


def test_every_squad_and_every_product_manager_has_the_three_lead_measures_in_every_period():
    people = seed("people", "goals").filter(pl.col("role") == "Product manager")
    key_results = seed("key_results").filter(pl.col("metric_id").is_in(["ddqs", "ploar", "circt"]))
    for period_start in (date(2025, 7, 1), date(2026, 1, 1)):
        held = key_results.filter(pl.col("period_start") == period_start)
        squads = held.filter(pl.col("org_level") == "squad")
        owners = held.filter(pl.col("org_level") == "person")
        assert set(squads.select("squad_id", "metric_id").iter_rows()) == {
            (squad, metric) for squad in set(people["squad_id"]) for metric in ("ddqs", "ploar", "circt")
        }
        assert set(owners.select("owner_id", "metric_id").iter_rows()) == {
            (person, metric) for person in people["person_id"] for metric in ("ddqs", "ploar", "circt")
        }


def test_ddqs_ploar_and_circt_are_maintained_and_never_reached():
    lead = seed("key_results").filter(pl.col("metric_id").is_in(["ddqs", "ploar", "circt"]))
    assert set(lead["goal_type"]) == {"maintain"}
    assert lead["baseline"].null_count() == lead.height


@pytest.mark.parametrize(
    ("feature", "launch_on"), [("f000-00015", date(2026, 2, 16)), ("f000-00068", date(2026, 2, 16))]
)
def test_complete_frameworks_have_no_finding(feature, launch_on):
    rows = seed("metric_frameworks").filter(pl.col("feature_id") == feature)
    assert check_framework(rows, feature=feature, launch_on=launch_on).findings == ()


def test_a_framework_of_open_rate_click_rate_and_time_in_feature_fails_as_adoption_only():
    rows = seed("metric_frameworks").filter(pl.col("feature_id") == "f000-00033")
    report = check_framework(rows, feature="f000-00033", launch_on=date(2026, 2, 28))
    assert "framework-adoption-only" in report.rules_broken()


def test_every_key_result_is_judged_from_the_seeds_and_milestones_are_used():
    checkins = pl.DataFrame(
        {
            "key_result_id": ["kr-self-serve-invoices-2025q4"],
            "observed_on": [date(2025, 11, 1)],
            "value": [0.4025],
            "matured_share": [1.0],
        }
    )
    statuses = key_result_statuses(
        seed("key_results"),
        checkins,
        evaluated_on=[date(2025, 11, 3)],
        milestones=seed("key_result_milestones"),
    )
    key_results = seed("key_results").filter(pl.col("period_start") <= date(2025, 11, 3))
    assert statuses.height == key_results.height
    invoices = statuses.row(by_predicate=pl.col("key_result_id") == "kr-self-serve-invoices-2025q4", named=True)
    assert (invoices["expected_mode"], invoices["status"]) == ("milestones", "off_track")
    assert invoices["expected_progress"] == pytest.approx(0.25)
    others = statuses.filter(pl.col("key_result_id") != "kr-self-serve-invoices-2025q4")
    assert set(others["status"]) == {"no_data"}


def test_a_changed_target_stands_from_its_day_on():
    statuses = key_result_statuses(
        seed("key_results").filter(pl.col("key_result_id") == "kr-dispatch-time-2025q4"),
        pl.DataFrame(
            {"key_result_id": [], "observed_on": [], "value": [], "matured_share": []},
            schema={
                "key_result_id": pl.String,
                "observed_on": pl.Date,
                "value": pl.Float64,
                "matured_share": pl.Float64,
            },
        ),
        evaluated_on=[date(2025, 11, 16), date(2025, 11, 17)],
    )
    assert statuses["target"].to_list() == [14.2, 14.8]
