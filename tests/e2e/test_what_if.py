"""What-if on the built sample: today's readings are the published ones, and a launch moves them as it should."""

from collections.abc import Callable

import polars as pl
import pytest

from metrics_py.outlook import KnownInsights, read_insights
from metrics_py.what_if import WhatIf, what_if
from tests.e2e.conftest import Company, run


def asked(known: KnownInsights, launch: list[str]) -> WhatIf:
    return what_if(
        known.insights,
        launch=launch,
        on=known.today,
        today=known.today,
        window_days=known.window_days,
        percentile=known.percentile,
        limit_days=known.limit_days,
    )


def test_todays_readings_are_those_of_circt_by_day_for_every_org_unit(company: Callable[..., Company]) -> None:
    built = company(1)
    readings = built.table("circt_by_day").filter(pl.col("day") == pl.col("day").max())
    assert readings.height > 10
    for row in readings.iter_rows(named=True):
        insights = read_insights(built.published, pm=row["person_id"], squad=row["squad_id"])
        today = asked(insights, []).today
        assert (today.p90_launched, today.launched) == (row["p90_launched"], row["launched_count"]), row["org_unit"]
        assert today.p90_with_open == row["p90_with_open"], row["org_unit"]
        assert today.share_within == pytest.approx(row["share_within_45"], abs=1e-11), row["org_unit"]
        assert today.started == row["started_count"], row["org_unit"]
        assert today.overdue == row["overdue_count"], row["org_unit"]


def test_launching_everything_overdue_leaves_nothing_overdue_and_cannot_win(company: Callable[..., Company]) -> None:
    built = company(1)
    known = read_insights(built.published)
    answer = asked(known, known.choose())
    assert answer.today.overdue == len(known.choose()) > 0
    assert answer.launching.overdue == 0
    assert answer.launching.p90_launched > known.limit_days


def test_the_command_says_what_would_be_and_refuses_an_unknown_name(company: Callable[..., Company]) -> None:
    built = company(1)
    done = run("what-if", "--overdue", "--project-dir", built.project)
    assert done.code == 0, done.err
    assert "CIRCT would be losing" in done.out
    misspelt = run("what-if", "--overdue", "--pm", "ana.silvo@cxt.example", "--project-dir", built.project)
    assert misspelt.code == 2
    assert "did you mean ana.silva@cxt.example?" in misspelt.err
