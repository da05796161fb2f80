from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.reports.checking import Verdict
from metrics_py.reports.drafts import check_numbers
from metrics_py.reports.facts import Facts
from metrics_py.reports.figures import figure
from metrics_py.reports.published import Published
from tests.unit.reports.company import okr_tables, publish_tables

METRICS = {
    "nps": ("Net Promoter Score", "nps", "post_stratified", 20.0,
            [(date(2025, 8, 12), 10.0), (date(2025, 11, 11), 13.1)]),
    "ploar": ("Post-Launch Outcome Achievement Rate", "share", "headline", 0.7,
              [(date(2025, 7, 1), 0.54), (date(2025, 10, 1), 0.6976)]),
    "circt": ("Customer Insight-to-Resolution Cycle Time", "days", "p90_launched", 45.0,
              [(date(2025, 7, 1), 61.0), (date(2025, 10, 1), 48.0)]),
    "arr": ("Annual Recurring Revenue", "usd", "headline", 10_000_000.0,
            [(date(2025, 12, 1), 9_530_520.0), (date(2026, 1, 1), 9_965_884.0)]),
}  # fmt: skip


def metric_tables() -> dict[str, pl.DataFrame]:
    def row(metric: str, start: date, value: float, **more: Any) -> dict[str, Any]:
        _, unit, reading, target, _ = METRICS[metric]
        end = date(start.year + (start.month >= 10), (start.month + 2) % 12 + 1, 1)
        return {
            "metric_id": metric, "reading": reading, "org_level": "company", "org_unit_id": "company",
            "squad_id": None, "person_id": None, "period_kind": "quarter", "period_start": start, "period_end": end,
            "value": value, "unit": unit, "target": target, "n": 271, "ci_low": value * 0.9, "ci_high": value * 1.1,
        } | more  # fmt: skip

    newest = {metric: readings[-1] for metric, (*_, readings) in METRICS.items()}
    return {
        "dim_metrics": pl.DataFrame([{"metric_id": metric, "name": spec[0]} for metric, spec in METRICS.items()]),
        "dim_goals": pl.DataFrame(
            {"goal_id": ["nps-2026"], "goal_name": ["Raise relationship NPS from 6 to 20"], "metric_id": ["nps"]}
        ),
        "metric_values": pl.DataFrame(
            [row(metric, start, value) for metric, (*_, readings) in METRICS.items() for start, value in readings],
            schema_overrides={"squad_id": pl.String, "person_id": pl.String},
        ),
        "scoreboard": pl.DataFrame(
            [
                row(metric, start, value, goal_id=f"{metric}-2026", previous_value=METRICS[metric][4][0][1],
                    gap=value - METRICS[metric][3])
                for metric, (start, value) in newest.items()
            ],
            schema_overrides={"squad_id": pl.String, "person_id": pl.String},
        ),
        "dim_dates": pl.DataFrame(
            [
                {"date_on": day, "fiscal_quarter": f"{day.year}Q{(day.month + 2) // 3}"}
                for day in pl.date_range(date(2025, 1, 1), date(2026, 12, 31), eager=True)
            ]
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Published:
    tables = okr_tables() | metric_tables()
    return Published(publish_tables(tmp_path_factory.mktemp("drafts") / "published", tables))


def verdicts(text: str, company: Published) -> list[tuple[str, str]]:
    return [(verdict.claim.text, verdict.standing) for verdict in check_numbers(text, company)]


def only(text: str, company: Published) -> Verdict:
    (verdict,) = check_numbers(text, company)
    return verdict


@pytest.mark.parametrize(
    "text",
    [
        "NPS is 13.1 against a target of 20.",
        "NPS stands at 13.1, 6.9 points short of its target of 20.",
        "NPS rose by 3.1 points from 10.",
        "NPS is 13 (n=271).",
        "The Net Promoter Score of Q4 2025 was 13.1.",
        "In Q3 2025 NPS was 10.0.",
        "PLOAR is 69.8%; the target is 70%.",
        "PLOAR is 0.2 pp below its target of 70%.",
        "CIRCT fell from 61 days to 48 days.",
        "CIRCT fell by 13 days.",
        "ARR is $9.97M, $34,116 short of $10M.",
        "ARR is $9,965,884.",
        "The goal is to raise relationship NPS from 6 to 20.",
        "kr-dispatch stands at 15.9 minutes and should reach 12 minutes by 31 March 2026.",
        "kr-dispatch was last read on 28 January 2026.",
        "kr-arr has a chance of 23.8%.",
        "Relationship NPS reaches 20: it can be judged from 8 February 2026.",
        "kr-activation is at 68.7%. It is forecast to end at 74.3%.",
        "| ARR | $9.97M |",
    ],
)
def test_a_true_number_is_bound(text: str, company: Published) -> None:
    assert {standing for _, standing in verdicts(text, company)} == {"bound"}, check_numbers(text, company)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NPS is 14.2.", "value is 13.1"),  # value
        ("NPS is 20.", "value is 13.1"),  # the target said as the value
        ("NPS is -13.1.", "sign is wrong"),  # sign
        ("NPS fell by 3.1 points.", "sign is wrong"),  # direction
        ("NPS is 13.1%.", "unit is wrong"),  # unit
        ("CIRCT is 48%.", "unit is wrong"),
        ("PLOAR is 69.8 days.", "unit is wrong"),
        ("ARR is $9.97K.", "value is"),  # scale
        ("NPS has a target of 25.", "target is 20"),
        ("kr-dispatch stands at 15.9 hours.", "unit is wrong"),
        ("kr-dispatch ends on 30 April 2026.", "31 March 2026"),  # date
    ],
)
def test_a_wrong_number_is_contradicted_with_the_right_one(text: str, why: str, company: Published) -> None:
    verdict = only(text, company)
    assert verdict.standing == "contradicted"
    assert why in verdict.sentence


def test_the_number_of_another_period_is_contradicted(company: Published) -> None:
    found = check_numbers("In Q3 2025 NPS was 13.1.", company)[-1]
    assert found.standing == "contradicted"
    assert "2025Q4" in found.sentence
    assert found.right == "10"


def test_an_earlier_number_said_as_the_present_one_is_stale(company: Published) -> None:
    verdict = only("CIRCT is 61 days.", company)
    assert verdict.standing == "stale"
    assert verdict.right == "48 days"


def test_a_rounding_that_reaches_the_target_is_contradicted(company: Published) -> None:
    verdict = only("PLOAR is 70%.", company)
    assert verdict.standing == "contradicted"
    assert "at or past 70%" in verdict.sentence
    assert verdict.right == "69.8%"
    assert only("ARR reached $10M.", company).standing == "contradicted"


def test_a_rounding_that_does_not_reach_the_target_is_bound(company: Published) -> None:
    assert only("NPS is 13.", company).standing == "bound"


def test_a_number_of_nothing_named_is_unknown(company: Published) -> None:
    assert only("Sales are up 12%.", company).standing == "unknown"
    assert only("We had 48 days of rain.", company).standing == "unknown"


def test_a_sentence_without_a_name_speaks_of_the_last_one_named(company: Published) -> None:
    assert verdicts("NPS is what we look at. It is 13.1 now. It was 14 before.", company) == [
        ("13.1", "bound"),
        ("14", "contradicted"),
    ]


def test_the_subject_may_be_given_from_outside(company: Published) -> None:
    (verdict,) = check_numbers("It is 13.1 now.", company, subjects=["nps"])
    assert verdict.standing == "bound"
    assert "metric_id=nps" in str(verdict.cells[0]) or "nps-2026" in str(verdict.cells[0])


KEYS = ["kr-activation", "kr-dispatch", "kr-invoices", "kr-arr", "kr-onboarding", "kr-uptime"]


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(KEYS), st.data())
def test_no_true_number_is_flagged(company: Published, key: str, data: st.DataObject) -> None:
    said = {
        "value": "stands at",
        "target": "has a target of",
        "baseline": "has a baseline of",
        "forecast": "is forecast to end at",
    }
    facts = [fact for fact in Facts(company).of("key_result", key) if fact.role in said and fact.is_current]
    fact = data.draw(st.sampled_from(facts))
    assert isinstance(fact.value, float)
    text = f"{key} {said[fact.role]} {figure(fact.value, fact.unit, against=fact.thresholds)}."
    assert verdicts(text, company)[0][1] == "bound", text


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(KEYS), st.floats(min_value=0.02, max_value=0.5), st.booleans())
def test_no_wrong_value_is_bound(company: Published, key: str, share: float, is_up: bool) -> None:
    (fact,) = [fact for fact in Facts(company).of("key_result", key) if fact.role == "value" and fact.is_current]
    assert isinstance(fact.value, float)
    wrong = figure(fact.value * (1 + share if is_up else 1 - share), fact.unit)
    if wrong != figure(fact.value, fact.unit):
        assert only(f"{key} stands at {wrong}.", company).standing in ("contradicted", "stale")


def test_the_tables_are_those_of_a_snapshot(tmp_path: Path) -> None:
    published = Published(publish_tables(tmp_path / "published", metric_tables()))
    assert check_numbers("NPS is 13.1.", published)[0].standing == "bound"
