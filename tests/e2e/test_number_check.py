"""The number check on texts about a built company: every planted error is found, and no true number is flagged."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics_py.assistant.sharing import share
from metrics_py.reports.drafts import check_numbers
from metrics_py.reports.health import health
from metrics_py.reports.leadership import LEFT_OUT, leadership_update
from metrics_py.reports.published import Published
from metrics_py.reports.weekly import weekly_update
from tests.e2e.conftest import Company
from tests.e2e.drafts import COUNT, ERRORS, drafts

DRAWS = (20260131, 7, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in (42, 1001, 99991)))
# A heading between two texts, so that they are read as one assistant's answer after the other.
BETWEEN = "\n\n# Next\n\n"


@pytest.fixture(scope="module")
def company_one(company: Callable[..., Company]) -> Company:
    return company(1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", DRAWS)
def test_all_planted_errors_are_found_and_no_true_number_is_flagged(seed: int, company_one: Company) -> None:
    made = drafts(company_one.table, seed)
    assert Counter(draft.error for draft in made).keys() == set(ERRORS)
    assert len(made) == COUNT
    text = BETWEEN.join(draft.text for draft in made)
    verdicts = check_numbers(text, Published(company_one.published))
    missed, flagged, place = [], [], 0
    for draft in made:
        held = [one for one in verdicts if place <= one.claim.start < place + len(draft.text)]
        planted = [one for one in held if one.claim.start < place + draft.end and one.claim.end > place + draft.start]
        if all(one.standing == "bound" for one in planted):
            missed.append((draft.error, draft.text))
        flagged += [
            (draft.text, one.claim.text, one.sentence) for one in held if one not in planted and one.standing != "bound"
        ]
        place += len(draft.text) + len(BETWEEN)
    assert missed == []
    assert flagged == []


@pytest.mark.parametrize("write", [health, leadership_update, weekly_update])
def test_no_number_of_a_document_is_flagged(write: Callable[[Published], Any], company_one: Company) -> None:
    published = Published(company_one.published)
    document = share(write(published), published)
    # A number in somebody's own words is theirs, and which key results found room is of the document.
    lines = document.with_people(document.text).splitlines()
    text = "\n".join(line for line in lines if LEFT_OUT not in line)
    verdicts = check_numbers(text, published)
    assert len(verdicts) > 40
    assert [(one.claim.text, one.sentence) for one in verdicts if one.standing != "bound"] == []


def test_the_value_of_another_reading_is_contradicted_and_that_reading_named(company_one: Company) -> None:
    rows = company_one.table("metric_values").filter(
        metric_id=pl.lit("ddqs"), org_level=pl.lit("company"), period_kind=pl.lit("quarter")
    )
    newest = rows.filter(pl.col("period_start") == pl.col("period_start").max())
    values = dict(newest.select("reading", "value").iter_rows())
    (verdict,) = check_numbers(f"DDQS is {values['minimum']:.2f}.", Published(company_one.published))
    assert values["minimum"] != values["headline"]
    assert verdict.standing == "contradicted"
    assert "minimum" in verdict.sentence
    assert verdict.right == f"{values['headline']:g}"


def test_a_reading_that_is_named_is_the_one_meant(company_one: Company) -> None:
    rows = company_one.table("metric_values").filter(
        metric_id=pl.lit("circt"), org_level=pl.lit("company"), period_kind=pl.lit("day")
    )
    newest = rows.filter(pl.col("period_start") == pl.col("period_start").max())
    values = dict(newest.select("reading", "value").iter_rows())
    share, days = f"{values['share_within_45']:.1%}", f"{values['p90_launched']:.0f} days"
    text = f"CIRCT is {days}, and the share of pains resolved within 45 days is {share}."
    standings = [one.standing for one in check_numbers(text, Published(company_one.published))]
    assert standings == ["bound"] * 3
    (swapped,) = check_numbers(f"CIRCT is {share}.", Published(company_one.published))
    assert swapped.standing == "contradicted"
    assert "share_within_45" in swapped.sentence


def test_the_check_runs_on_a_copy_without_the_tables_of_key_results(company_one: Company, tmp_path: Path) -> None:
    from tests.unit.reports.company import publish_tables

    tables = {name: company_one.table(name) for name in ("dim_metrics", "metric_values", "scoreboard")}
    published = Published(publish_tables(tmp_path / "published", tables))
    value = tables["scoreboard"].filter(goal_id=pl.lit("arr-2026"), org_level=pl.lit("company"))["value"].item()
    (verdict,) = check_numbers(f"ARR is ${value:,.0f}.", published)
    assert verdict.standing == "bound"
