"""The days a key result is judged on, and what the warehouse keeps of each."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_py.okr.history import evaluation_days, evaluations
from metrics_py.okr.rules import StatusRules

START, END = date(2025, 7, 1), date(2025, 10, 1)


@given(ahead=st.integers(-10, 400), lag=st.integers(0, 120))
def test_days_are_mondays_the_closing_days_and_today_and_none_is_in_the_future(ahead, lag):
    today = START + timedelta(days=ahead)
    days = evaluation_days(START, END, as_of_on=today, lag_days=lag)
    assert days == sorted(set(days))
    assert all(START <= day <= today for day in days)
    assert all(day.weekday() == 0 or day in (today, END, END + timedelta(days=lag)) for day in days)
    assert (today in days) == (ahead >= 0)
    assert (END in days) == (today >= END)


def frames(readings, **more):
    agreed = {
        "key_result_id": "kr",
        "goal_type": "maintain",
        "direction": "down",
        "unit": "days",
        "baseline": None,
        "baseline_on": None,
        "target": 45.0,
        "period_start": START,
        "period_end": END,
        "cadence_days": 7,
        "measurement_lag_days": 0,
    } | more
    schema = {"baseline": pl.Float64, "baseline_on": pl.Date}
    rows = [
        {
            "key_result_id": "kr",
            "recorded_on": row["observed_on"],
            "matured_share": None,
            "value": None,
            "row_kind": "metric",
            "others_hold": True,
            "other_conditions": None,
            "missing_reason": None,
            "status_override": None,
            "override_reason": None,
            "override_by": None,
            "override_expires_on": None,
            "recovery_plan": None,
            "recording_number": 0,
        }
        | row
        for row in readings
    ]
    return pl.DataFrame([agreed], schema_overrides=schema), pl.DataFrame(rows, infer_schema_length=None)


def judged(readings, as_of_on, **more):
    key_results, rows = frames(readings, **more)
    kept = evaluations(
        key_results,
        rows,
        as_of_on=as_of_on,
        milestones=pl.DataFrame(schema={"key_result_id": pl.String, "due_on": pl.Date, "value": pl.Float64}),
        initiatives=pl.DataFrame(
            schema={
                "key_result_id": pl.String,
                "launch_on": pl.Date,
                "planned_launch_on": pl.Date,
                "status": pl.String,
            }
        ),
        rules=pl.DataFrame([{name: getattr(StatusRules(), name) for name in StatusRules.__slots__}]),
    )
    return {row["evaluated_on"]: row for row in kept.iter_rows(named=True)}


def test_a_value_within_its_target_does_not_hold_when_the_goals_other_reading_does_not():
    rows = judged(
        [
            {
                "observed_on": date(2025, 7, 7),
                "value": 40.0,
                "others_hold": False,
                "other_conditions": "the share is 70%",
            }
        ],
        date(2025, 7, 7),
    )
    assert rows[date(2025, 7, 7)]["status"] == "off_track"
    assert rows[date(2025, 7, 7)]["status_reason"] == (
        "today's value of 40 days holds the target of 45 days, but the share is 70%"
    )


def test_until_its_first_reading_is_due_a_bound_key_result_is_too_early_with_that_day():
    rows = judged([{"observed_on": date(2025, 10, 15), "value": 40.0}], date(2025, 8, 4), measurement_lag_days=100)
    assert {row["status"] for row in rows.values()} == {"too_early"}
    assert {row["readable_on"] for row in rows.values()} == {date(2025, 10, 15)}


def test_a_metric_without_a_value_is_no_data_with_its_reason_and_not_its_last_value():
    rows = judged(
        [
            {"observed_on": date(2025, 7, 7), "value": 40.0},
            {"observed_on": date(2025, 7, 14), "missing_reason": "nothing was launched in the window"},
        ],
        date(2025, 7, 14),
    )
    assert rows[date(2025, 7, 7)]["status"] == "on_track"
    silent = rows[date(2025, 7, 14)]
    assert (silent["status"], silent["status_rule"], silent["value"]) == ("no_data", "no_value", None)
    assert "nothing was launched in the window" in silent["status_reason"]


def test_a_maintained_one_closes_on_its_whole_period_with_the_readings_held_beside_it():
    readings = [
        {"observed_on": START + timedelta(days=6 + 7 * week), "value": 40.0 if week < 10 else 50.0}
        for week in range(12)
    ]
    pooled = {"observed_on": END, "value": 46.0, "row_kind": "pooled"}
    rows = judged([*readings, pooled], date(2025, 10, 6))
    closed = rows[END]
    assert (closed["status"], closed["value"], closed["pooled_status"]) == ("missed", 46.0, "missed")
    assert (closed["readings_held"], closed["readings_judged"]) == (10, 12)
    assert rows[date(2025, 9, 22)]["pooled_value"] is None
    assert closed["expected_progress"] is None
    assert closed["progress"] is None


def test_after_its_period_it_waits_for_the_reading_over_the_whole_of_it():
    rows = judged(
        [
            {"observed_on": date(2025, 9, 29), "value": 40.0},
            {"observed_on": date(2025, 11, 10), "value": 40.0, "row_kind": "pooled"},
        ],
        date(2025, 11, 10),
    )
    waiting, closed = rows[END], rows[date(2025, 11, 10)]
    assert (waiting["status"], waiting["readable_on"], waiting["value"]) == ("too_early", date(2025, 11, 10), None)
    assert waiting["status_reason"] == "its reading over the whole period is due on 2025-11-10"
    assert (closed["status"], closed["pooled_status"]) == ("achieved", "achieved")


def test_before_anything_has_started_there_are_no_rows():
    assert judged([{"observed_on": date(2025, 7, 7), "value": 40.0}], date(2025, 6, 30)) == {}


def test_a_note_on_a_bound_key_result_brings_its_plan_and_override_and_no_value():
    rows = judged(
        [
            {"observed_on": date(2025, 7, 7), "value": 50.0},
            {
                "observed_on": date(2025, 7, 8),
                "row_kind": "note",
                "value": None,
                "recovery_plan": "a second engineer from Monday",
                "status_override": "at_risk",
                "override_by": "ana@x",
            },
            {"observed_on": date(2025, 7, 14), "value": 50.0},
        ],
        date(2025, 7, 14),
    )
    before, after = rows[date(2025, 7, 7)], rows[date(2025, 7, 14)]
    assert (before["status"], before["recovery_plan"]) == ("off_track", None)
    assert (after["status"], after["recovery_plan"]) == ("off_track", "a second engineer from Monday")
    assert (after["status_override"], after["override_by"], after["is_override_live"]) == ("at_risk", "ana@x", True)
    assert after["value"] == 50.0


def test_thousands_of_key_results_are_judged_in_seconds():
    from time import process_time

    key_results, rows = frames(
        [{"observed_on": START + timedelta(days=6 + 7 * week), "value": 40.0} for week in range(12)]
    )
    many = pl.concat([key_results.with_columns(pl.lit(f"kr{n}").alias("key_result_id")) for n in range(1000)])
    readings = pl.concat([rows.with_columns(pl.lit(f"kr{n}").alias("key_result_id")) for n in range(1000)])
    empty = pl.DataFrame(schema={"key_result_id": pl.String, "due_on": pl.Date, "value": pl.Float64})
    initiatives = pl.DataFrame(
        schema={"key_result_id": pl.String, "launch_on": pl.Date, "planned_launch_on": pl.Date, "status": pl.String}
    )
    rules = pl.DataFrame([{name: getattr(StatusRules(), name) for name in StatusRules.__slots__}])
    began = process_time()
    kept = evaluations(
        many, readings, as_of_on=date(2025, 9, 30), milestones=empty, initiatives=initiatives, rules=rules
    )
    assert kept.height == 14_000
    assert process_time() - began < 8


def test_a_late_launch_is_no_launch_and_a_planned_one_counts_on_its_day():
    key_results, rows = frames(
        [{"observed_on": date(2025, 7, 7), "value": 58.5}],
        goal_type="reach",
        direction="up",
        unit=None,
        baseline=58.0,
        target=72.0,
    )
    kept = evaluations(
        key_results,
        rows,
        as_of_on=date(2025, 7, 7),
        milestones=pl.DataFrame(schema={"key_result_id": pl.String, "due_on": pl.Date, "value": pl.Float64}),
        initiatives=pl.DataFrame(
            {
                "key_result_id": ["kr", "kr", None],
                "launch_on": [None, None, date(2025, 7, 2)],
                "planned_launch_on": [date(2025, 7, 3), date(2025, 8, 1), None],
                "status": ["late", "planned", "launched"],
            },
            schema_overrides={"launch_on": pl.Date},
        ),
        rules=pl.DataFrame(),
    ).row(0, named=True)
    assert (kept["expected_mode"], kept["expected_progress"]) == ("launch_aware", 0.0)
    assert (kept["status"], kept["readable_on"]) == ("too_early", date(2025, 8, 29))


def test_the_same_input_in_another_order_gives_the_same_rows():
    readings = [{"observed_on": START + timedelta(days=6 + 7 * week), "value": 40.0 + week} for week in range(10)]
    assert judged(readings, date(2025, 9, 15)) == judged(readings[::-1], date(2025, 9, 15))


@pytest.mark.parametrize("kind", ["reach", "maintain"])
def test_no_reading_at_all_is_no_data_and_never_the_baseline(kind):
    rows = judged(
        [{"observed_on": date(2026, 1, 1), "row_kind": "note"}],
        date(2025, 8, 4),
        goal_type=kind,
        baseline=58.0 if kind == "reach" else None,
    )
    assert {row["status"] for row in rows.values()} == {"no_data"}
    assert {row["value"] for row in rows.values()} == {None}
