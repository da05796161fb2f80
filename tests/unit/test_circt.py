from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.circt import (
    day_readings,
    goal_period_readings,
    share_limits,
    window_percentiles,
    with_open_percentiles,
)
from metrics_py.errors import MissingColumnError, OutOfRangeError

FIRST = date(2025, 1, 1)
FOUND = {"window_days": 90, "percentile": 0.9}


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _durations(*rows: tuple[str, str, int, int, int]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows,
        {"org_unit": pl.String, "measure": pl.String, "at": pl.Int64, "days": pl.Int32, "insight_count": pl.Int64},
        orient="row",
    )
    return frame.with_columns(ended_on=pl.lit(FIRST) + pl.duration(days="at")).drop("at")


def _clocks(*rows: tuple[str, bool, int, int, int, int]) -> pl.DataFrame:
    columns = ["started_on", "from_on", "until_on"]
    frame = pl.DataFrame(
        rows,
        {
            "org_unit": pl.String,
            "is_open": pl.Boolean,
            **dict.fromkeys(columns, pl.Int64),
            "insight_count": pl.Int64,
        },
        orient="row",
    )
    return frame.with_columns((pl.lit(FIRST) + pl.duration(days=pl.col(column))).alias(column) for column in columns)


def test_the_window_holds_its_last_day_and_the_89_before_it():
    durations = _durations(("company", "cycle_days", 0, 30, 1))
    found = window_percentiles(durations, **FOUND, start=_day(88), end=_day(90))
    assert found["p90_launched"].to_list() == [30, 30, None]


@settings(deadline=None)
@given(days=st.lists(st.integers(0, 90), min_size=1, max_size=60))
def test_a_percentile_of_at_most_45_says_that_90_percent_are_within_45(days):
    durations = _durations(*(("company", "cycle_days", 0, number, 1) for number in days))
    p90 = window_percentiles(durations, **FOUND, start=FIRST, end=FIRST)["p90_launched"].item()
    assert (p90 <= 45) == (10 * sum(number <= 45 for number in days) >= 9 * len(days))


def test_segments_and_the_worst_uncertainty_stand_beside_the_headline():
    durations = _durations(
        ("squad:red", "cycle_days", 0, 30, 10),
        ("squad:red", "triage_days", 0, 4, 9),
        ("squad:red", "triage_days", 0, 9, 1),
        ("squad:red", "uncertainty_days", 0, 0, 9),
        ("squad:red", "uncertainty_days", 0, 7, 1),
    )
    row = window_percentiles(durations, **FOUND, start=FIRST, end=FIRST).row(0, named=True)
    assert (row["p90_triage_days"], row["worst_uncertainty_days"], row["p90_delivery_days"]) == (4, 7, None)


def test_the_interpolated_percentile_lies_between_ranks():
    durations = _durations(("company", "cycle_days", 0, 20, 1), ("company", "cycle_days", 0, 50, 1))
    row = window_percentiles(durations, **FOUND, start=FIRST, end=FIRST).row(0, named=True)
    assert (row["p90_launched"], row["p90_launched_cont"]) == (50, pytest.approx(47.0))


def test_a_share_of_nothing_is_null_and_nine_of_ten_has_the_exact_interval():
    shares = share_limits(pl.DataFrame({"started_count": [0, 10], "within_count": [0, 9]}), confidence=0.95)
    assert shares.row(0)[2:] == (None, None, None)
    assert shares.row(1)[2:] == pytest.approx((0.9, 0.5549839, 0.9974714))


def test_more_in_time_than_started_is_refused():
    with pytest.raises(OutOfRangeError):
        share_limits(pl.DataFrame({"started_count": [1], "within_count": [2]}), confidence=0.95)


def test_a_missing_column_is_named():
    with pytest.raises(MissingColumnError, match="insight_count"):
        window_percentiles(_durations().drop("insight_count"), **FOUND, start=FIRST, end=FIRST)


def test_open_insights_hold_the_percentile_up():
    launched = [("company", True, 0, 0, 20, 9), ("company", False, 0, 20, 100, 9)]
    open_ones = [("company", True, 0, 0, 100, 3)]
    alone, together = (
        with_open_percentiles(_clocks(*rows), **FOUND, confidence=0.95, start=_day(60), end=_day(60)).row(0, named=True)
        for rows in (launched, launched + open_ones)
    )
    assert (alone["p90_with_open"], alone["under_watch_count"]) == (20, 9)
    assert (together["p90_with_open"], together["under_watch_count"]) == (None, 12)


def test_an_open_insight_counts_for_whoever_has_it_that_day():
    clocks = _clocks(
        ("person:ana", True, 0, 0, 10, 1), ("person:ben", True, 0, 10, 20, 1), ("person:ben", False, 0, 20, 100, 1)
    )
    found = with_open_percentiles(clocks, **FOUND, confidence=0.95, start=_day(9), end=_day(10))
    counts = found.select("org_unit", "under_watch_count").rows()
    assert counts == [("person:ana", 1), ("person:ana", 0), ("person:ben", 0), ("person:ben", 1)]


def test_a_unit_without_launches_keeps_its_days_with_nulls():
    counts = pl.DataFrame(
        {
            "org_unit": ["company", "company"],
            "day": [FIRST, _day(1)],
            "started_count": [0, 4],
            "within_count": [0, 1],
        }
    )
    found = day_readings(counts, _durations(), _clocks(), **FOUND, confidence=0.95)
    assert found.select("period_start", "period_end", "share", "p90_launched", "p90_with_open").rows() == [
        (FIRST, _day(1), None, None, None),
        (_day(1), _day(2), 0.25, None, None),
    ]


def test_a_goal_period_pools_the_launches_from_its_first_day_to_the_last_that_has_come():
    durations = _durations(
        ("company", "cycle_days", -1, 80, 5),
        ("company", "cycle_days", 0, 30, 1),
        ("company", "cycle_days", 99, 40, 1),
        ("company", "cycle_days", 100, 70, 5),
    )
    counts = pl.DataFrame(
        {
            "org_unit": ["company", "squad:red"],
            "period_start": [FIRST] * 2,
            "period_end": [_day(180)] * 2,
            "last_day": [_day(99)] * 2,
            "started_count": [10, 0],
            "within_count": [5, 0],
        }
    )
    found = goal_period_readings(counts, durations, percentile=0.9, confidence=0.95)
    assert found.select("org_unit", "p90_launched", "share").rows() == [("company", 40, 0.5), ("squad:red", None, None)]


def test_no_goal_period_gives_no_rows_and_all_columns():
    counts = pl.DataFrame(
        schema={
            "org_unit": pl.String,
            "period_start": pl.Date,
            "period_end": pl.Date,
            "last_day": pl.Date,
            "started_count": pl.Int64,
            "within_count": pl.Int64,
        }
    )
    found = goal_period_readings(counts, _durations(), percentile=0.9, confidence=0.95)
    assert found.height == 0
    assert "p90_launched" in found.columns
