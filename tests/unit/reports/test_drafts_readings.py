"""The number check where a metric has several readings, units, periods and a direction."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.reports.checking import Verdict
from metrics_py.reports.drafts import check_numbers
from metrics_py.reports.published import Published
from tests.unit.reports.company import okr_tables, publish_tables

CARDS = {
    "nps": ("Net Promoter Score", "nps", "post_stratified", "up", 20.0),
    "ddqs": ("Discovery & Definition Quality Score", "score", "headline", "up", 6.0),
    "circt": ("Customer Insight-to-Resolution Cycle Time", "days", "p90_launched", "down", 45.0),
    "ploar": ("Post-Launch Outcome Achievement Rate", "share", "headline", "up", 0.75),
}
# metric, reading, unit, squad (none: the company), kind, start, days, value, target
VALUES: list[tuple[str, str, str, str | None, str, date, int, float, float | None]] = [
    ("nps", "post_stratified", "nps", None, "wave", date(2025, 8, 12), 20, 9.98, 20.0),
    ("nps", "post_stratified", "nps", None, "wave", date(2025, 11, 11), 20, 10.72, 20.0),
    ("nps", "unweighted", "nps", None, "wave", date(2025, 11, 11), 20, 15.87, None),
    ("nps", "response_rate", "share", None, "wave", date(2025, 11, 11), 20, 0.301, None),
    ("ddqs", "headline", "score", None, "quarter", date(2025, 7, 1), 92, 8.0, 6.0),
    ("ddqs", "headline", "score", None, "quarter", date(2025, 10, 1), 92, 7.11, 6.0),
    ("ddqs", "mean_interviews_capped_5", "score", None, "quarter", date(2025, 10, 1), 92, 6.5, None),
    ("ddqs", "minimum", "score", None, "quarter", date(2025, 10, 1), 92, 3.0, None),
    ("ddqs", "headline", "score", None, "goal_period", date(2025, 7, 1), 184, 7.53, 6.0),
    ("ddqs", "headline", "score", "dispatch", "quarter", date(2025, 10, 1), 92, 5.67, 6.0),
    ("ddqs", "headline", "score", "billing", "quarter", date(2025, 10, 1), 92, 6.3, 6.0),
    ("ploar", "headline", "share", None, "quarter", date(2025, 10, 1), 92, 0.7496, 0.75),
    *(
        ("circt", "p90_launched", "days", None, "day", date(2025, 10, 1) + timedelta(days=day), 1, 50.0 + day, 45.0)
        for day in range(31)
    ),
    ("circt", "share_within_45", "share", None, "day", date(2025, 10, 31), 1, 0.7333, 0.9),
]


def tables() -> dict[str, pl.DataFrame]:
    rows: list[dict[str, Any]] = [
        {
            "metric_id": metric, "reading": reading, "org_level": "squad" if squad else "company",
            "org_unit_id": squad or "company", "squad_id": squad, "person_id": None, "period_kind": kind,
            "period_start": start, "period_end": start + timedelta(days=days), "value": value, "unit": unit,
            "target": target, "n": 271, "ci_low": value * 0.9, "ci_high": value * 1.1,
        }
        for metric, reading, unit, squad, kind, start, days, value, target in VALUES
    ]  # fmt: skip
    days = pl.date_range(date(2025, 1, 1), date(2026, 12, 31), eager=True)
    people = okr_tables()["dim_people"]
    billing = people.head(1).with_columns(
        person_id=pl.lit("jonas.berg@cxt.example"), display_name=pl.lit("Jonas Berg"), squad_id=pl.lit("billing")
    )
    return okr_tables() | {
        "dim_people": pl.concat([people, billing]),
        "dim_metrics": pl.DataFrame(
            [
                {"metric_id": metric, "name": name, "headline_reading": headline, "direction": direction}
                for metric, (name, _, headline, direction, _) in CARDS.items()
            ]
        ),
        "metric_values": pl.DataFrame(rows, schema_overrides={"squad_id": pl.String, "person_id": pl.String}),
        "dim_dates": pl.DataFrame(
            [{"date_on": day, "fiscal_quarter": f"{day.year}Q{(day.month + 2) // 3}"} for day in days]
        ),
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(publish_tables(tmp_path_factory.mktemp("readings") / "published", tables()))


def last(text: str, published: Published) -> Verdict:
    return [verdict for verdict in check_numbers(text, published) if verdict.claim.kind == "number"][-1]


@pytest.mark.parametrize(
    "text",
    [
        "DDQS is 7.11.",
        "DDQS minimum is 3.",
        "DDQS is 7.11 (lowest 3).",
        "The mean DDQS with interviews capped at 5 is 6.5.",
        "Unweighted NPS is 15.87.",
        "NPS is 10.72 (unweighted 15.87, response rate 30.1%).",
        "NPS is 10.72, with a 95% interval of 9.6 to 11.8 (n = 271).",
        "NPS is 10.72, 9.28 short of its target of 20.",
        "The share of pains resolved within 45 days (CIRCT) is 73.3%, 16.7 pp short of the target of 90%.",
        "NPS and DDQS are 10.72 and 7.11.",
        "NPS is 10.72 and DDQS is 7.11.",
        "NPS rose from 9.98 in Q3 2025 to 10.72 in Q4 2025.",
        "In Q4 2025 NPS rose by 0.74.",
        "In H2 2025 DDQS was 7.53.",
        "In November 2025 NPS was 10.72.",
        "In October 2025 CIRCT was 80 days.",  # its last day
        "On 2025-10-14 CIRCT was 63 days.",
        "In October 2025 CIRCT peaked at 80 days, up from a low of 50 days.",
        "dispatch's DDQS is 5.67 and the company's DDQS is 7.11.",
        "For billing, DDQS is 6.",  # 6.3, on the same side of 6
        "PLOAR is 74.96%.",
        "| Metric | Now | Target |\n|---|---|---|\n| DDQS | 7.11 | 6 |\n| NPS | 10.72 | 20 |",
        "9 key results are running.",
    ],
)
def test_a_true_number_is_bound(text: str, published: Published) -> None:
    wrong = [(one.claim.text, one.sentence) for one in check_numbers(text, published) if one.standing != "bound"]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("DDQS is 3.", "another reading, minimum"),
        ("DDQS is 6.50.", "another reading, mean_interviews_capped_5"),
        ("NPS is 15.87.", "another reading, unweighted"),
        ("CIRCT is 73.3%.", "another reading, share_within_45"),
        ("Unweighted NPS is 10.72.", "another reading, post_stratified"),
        ("NPS is 7.11 and DDQS is 10.72.", "is 7.1"),  # swapped
        ("NPS rose from 9.98 in Q3 2025 to 9.98 in Q4 2025.", "2025Q3"),
        ("In Q4 2025 NPS fell by 0.74.", "sign is wrong"),
        ("NPS is 10.72, 9.28 ahead of its target of 20.", "target is 20"),
        ("NPS rose to 20.", "is 10.7"),  # the target said as what was reached
        ("In October 2025 CIRCT was 63 days.", "2025-10-14"),  # a day within
        ("dispatch's DDQS is 7.11.", "is 5.7"),  # the company's
        ("dispatch's DDQS is 6.", "at or past 6"),
        ("PLOAR is 75.0%.", "at or past 75%"),
        ("| Metric | Now | Target |\n|---|---|---|\n| DDQS | 7.11 | 7 |", "target is 6"),
    ],
)
def test_a_wrong_number_is_contradicted_with_the_reason(text: str, why: str, published: Published) -> None:
    found = [one for one in check_numbers(text, published) if one.standing == "contradicted"]
    if "ahead" in text:
        assert found[0].claim.text == "9.28"
        return
    assert found, check_numbers(text, published)
    assert why in found[-1].sentence


@pytest.mark.parametrize(
    ("text", "right"), [("DDQS is 8.", "7.1"), ("DDQS is 8.00.", "7.1"), ("NPS stands at 9.98.", "10.7")]
)
def test_the_headline_of_an_earlier_period_is_stale(text: str, right: str, published: Published) -> None:
    verdict = last(text, published)
    assert verdict.standing == "stale"
    assert verdict.right == right


@pytest.mark.parametrize("text", ["12 key results are running.", "8 key results are off track."])
def test_a_wrong_count_of_key_results_is_not_bound(text: str, published: Published) -> None:
    assert last(text, published).standing != "bound"


def test_the_level_of_an_interval_that_is_not_published_is_unknown(published: Published) -> None:
    verdicts = check_numbers("NPS is 10.72, with an 80% interval of 9.6 to 11.8.", published)
    assert [one.standing for one in verdicts] == ["bound", "unknown", "bound", "bound"]


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    hundredths=st.integers(min_value=1, max_value=40),
    is_above=st.booleans(),
    card=st.sampled_from([("ddqs", "up"), ("circt", "down")]),
)
def test_a_rounding_is_refused_exactly_when_it_changes_the_verdict(
    hundredths: int, is_above: bool, card: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    metric, direction = card
    target = CARDS[metric][4]
    value = target + (1 if is_above else -1) * hundredths / 100
    made = tables()
    changed = (
        made["metric_values"]
        .filter(metric_id=pl.lit(metric), org_level=pl.lit("company"), reading=pl.lit(CARDS[metric][2]))
        .filter(pl.col("period_kind") != "goal_period")
        .tail(1)
        .with_columns(pl.lit(value).alias("value"), pl.lit(0).alias("n"))
    )
    place = tmp_path_factory.mktemp("rounding") / "published"
    published = Published(publish_tables(place, {"dim_metrics": made["dim_metrics"], "metric_values": changed}))
    unit = " days" if metric == "circt" else ""
    verdict = last(f"{metric} is {target:.0f}{unit}.", published)
    is_met = value >= target if direction == "up" else value <= target
    assert verdict.standing == ("bound" if is_met else "contradicted")
