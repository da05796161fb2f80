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


def test_the_registry_of_metrics_is_read_without_a_finding():
    assert lint_path(SEEDS / "okr" / "key_result_metrics.csv").findings == ()


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


def test_links_and_milestones_name_key_results_that_exist():
    key_results = seed("key_results", "goals")
    known = set(key_results["key_result_id"])
    for name, columns in (
        ("initiative_links", ["key_result_id"]),
        ("key_result_links", ["key_result_id", "dependent_key_result_id"]),
        ("key_result_milestones", ["key_result_id"]),
        ("learnings", ["key_result_id"]),
    ):
        rows = seed(name)
        for column in columns:
            assert set(rows[column]) <= known, name
    assert set(seed("initiative_links")["initiative_id"]) <= set(seed("initiatives")["initiative_id"])


def test_every_key_result_is_judged_from_the_seeds_and_milestones_are_used():
    checkins = pl.DataFrame(
        {
            "key_result_id": ["kr-self-serve-invoices"],
            "observed_on": [date(2025, 11, 28)],
            "value": [0.39],
            "matured_share": [1.0],
        }
    )
    statuses = key_result_statuses(
        seed("key_results", "goals"),
        checkins,
        evaluated_on=[date(2025, 12, 1)],
        milestones=seed("key_result_milestones"),
    )
    assert statuses.height == seed("key_results", "goals").height
    invoices = statuses.row(by_predicate=pl.col("key_result_id") == "kr-self-serve-invoices", named=True)
    assert (invoices["expected_mode"], invoices["status"]) == ("milestones", "at_risk")
    assert invoices["expected_progress"] == pytest.approx(0.09 / 0.19)
    others = statuses.filter(pl.col("key_result_id") != "kr-self-serve-invoices")
    assert set(others["status"]) == {"no_data"}
