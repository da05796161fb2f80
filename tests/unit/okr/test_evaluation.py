"""The worked example: a quarter of 92 days, 49 of them elapsed.

A goes from 58 to 72 and stands at 64. B goes from 71 to 78, stands at 73 and is measured with a lag of 30 days. C goes
from 11 to 15, stands at 11.4, and its feature was launched in week 6.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from metrics_py.errors import ConfigurationError, MissingColumnError, UnusableInputError
from metrics_py.okr.evaluation import STATUS_SCHEMA, key_result_statuses

START, END, NOW = date(2025, 7, 1), date(2025, 10, 1), date(2025, 8, 19)

AGREED = pl.DataFrame(
    {
        "key_result_id": ["A", "B", "C"],
        "goal_type": "reach",
        "direction": None,
        "baseline": [58.0, 71.0, 11.0],
        "baseline_on": START,
        "target": [72.0, 78.0, 15.0],
        "period_start": START,
        "period_end": END,
        "cadence_days": 7,
        "measurement_lag_days": [0, 30, 0],
    },
    schema_overrides={"direction": pl.String},
)
LAUNCHES = pl.DataFrame({"key_result_id": ["C", "C"], "launched_on": [date(2025, 8, 5), date(2025, 9, 20)]})


def checkins(rows, **more):
    frame = pl.DataFrame(
        rows,
        schema={
            "key_result_id": pl.String,
            "observed_on": pl.Date,
            "value": pl.Float64,
            "matured_share": pl.Float64,
        },
        orient="row",
    )
    return frame.with_columns(pl.Series(name, values) for name, values in more.items())


SAID = checkins([("A", NOW, 64.0, None), ("B", NOW, 73.0, None), ("C", NOW, 11.4, None)])


def evaluated(name, said=SAID, on=NOW, agreed=AGREED, **more):
    rows = key_result_statuses(agreed, said, evaluated_on=[on], launches=LAUNCHES, **more)
    return rows.row(by_predicate=pl.col("key_result_id") == name, named=True)


def test_a_with_two_observations_is_at_risk_at_low_confidence():
    a = evaluated("A")
    assert (a["status"], a["confidence"], a["points"], a["p_hit"]) == ("at_risk", "Low", 2, None)
    shown = {
        "progress": (4, 0.4286),
        "expected_progress": (4, 0.5326),
        "progress_ratio": (3, 0.805),
        "pace_forecast": (1, 69.3),
        "required_pace_per_week": (3, 1.302),
        "pace_per_week": (3, 0.857),
    }
    assert {name: round(a[name], digits) for name, (digits, _) in shown.items()} == {
        name: figure for name, (_, figure) in shown.items()
    }
    assert a["expected_mode"] == "linear"
    assert (a["status_by_pace_gap"], a["status_by_ratio_bands"], a["rules_disagree"]) == ("on_track", "at_risk", True)


def readings_at_that_pace(noise, seed):
    """Eight weekly readings of a line through 58 and 64 whose errors leave both ends where they are."""
    errors = np.random.default_rng(seed).normal(size=8)
    errors -= np.linspace(errors[0], errors[-1], 8)
    errors *= noise / np.sqrt((errors**2).sum() / 6)
    line = np.linspace(58, 64, 8)
    return checkins([("A", START + timedelta(days=7 * week), line[week] + errors[week], None) for week in range(8)])


@pytest.mark.parametrize("noise", [0.3, 0.9, 1.5])
def test_a_with_eight_weekly_observations_at_that_pace_is_off_track_by_its_chance_of_hitting(noise):
    rows = [evaluated("A", readings_at_that_pace(noise, seed)) for seed in range(12)]
    assert {row["status_rule"] for row in rows} == {"p_hit"}
    assert {row["points"] for row in rows} == {8}
    off_track = sum(row["status"] == "off_track" for row in rows)
    # At the loudest noise the mean chance is 25%, and one draw in four lands above the 30% at which at_risk starts.
    assert sum(row["p_hit"] for row in rows) / 12 < 0.3
    assert off_track == 12 if noise < 1.5 else off_track >= 6


def test_b_is_too_early_until_half_of_what_a_30_day_lag_measures_has_matured():
    b = evaluated("B")
    assert (b["status"], b["status_rule"], b["readable_on"]) == ("too_early", "immature", date(2025, 8, 30))
    assert b["matured_share"] == pytest.approx(19 / 49)
    later = evaluated("B", checkins([("B", date(2025, 8, 30), 73.0, None)]), on=date(2025, 8, 30))
    assert later["status"] != "too_early"


def test_a_matured_share_stated_with_the_reading_is_the_one_that_counts():
    assert evaluated("B", checkins([("B", NOW, 73.0, 0.9)]))["status"] == "off_track"


def test_c_is_too_early_until_28_days_after_its_first_launch():
    c = evaluated("C")
    assert (c["status"], c["status_rule"], c["readable_on"]) == ("too_early", "launch_too_recent", date(2025, 9, 2))
    assert c["expected_mode"] == "launch_aware"
    assert c["expected_progress"] == pytest.approx(14 / 57)
    assert c["rules_disagree"]


def test_without_a_check_in_it_is_no_data_and_not_its_baseline():
    a = evaluated("A", SAID.filter(pl.col("key_result_id") != "A"))
    assert (a["status"], a["value"], a["progress"], a["p_hit"]) == ("no_data", None, None, None)


def test_a_quarter_closes_on_its_last_reading_up_to_the_end_and_not_on_a_later_one():
    said = checkins([("A", END - timedelta(days=1), 68.5, None), ("A", END + timedelta(days=30), 73.0, None)])
    a = evaluated("A", said, on=END + timedelta(days=60))
    assert (a["status"], a["value"]) == ("missed", 68.5)
    assert a["progress"] == pytest.approx(0.75)


def test_a_lagged_measure_closes_on_the_reading_that_its_lag_allows():
    said = checkins([("B", END, 76.0, 0.7), ("B", END + timedelta(days=30), 78.5, 1.0)])
    assert evaluated("B", said, on=END + timedelta(days=10))["status"] == "missed"
    assert evaluated("B", said, on=END + timedelta(days=40))["status"] == "achieved"


def test_history_shows_what_was_known_on_the_day():
    said = checkins(
        [("A", date(2025, 8, 12), 60.0, None), ("A", date(2025, 8, 12), 63.0, None)],
        recorded_on=[date(2025, 8, 12), date(2025, 8, 15)],
    )
    days = [date(2025, 8, 11), date(2025, 8, 12), date(2025, 8, 15)]
    history = key_result_statuses(AGREED[:1], said, evaluated_on=days)
    assert history["value"].to_list() == [None, 60.0, 63.0]
    assert history["status"].to_list() == ["no_data", "off_track", "at_risk"]


def test_a_day_before_the_period_has_no_row():
    assert key_result_statuses(AGREED, SAID, evaluated_on=[START - timedelta(days=1)]).is_empty()


def test_readings_of_an_earlier_period_set_the_best_pace_but_are_no_points():
    earlier = checkins([("A", date(2025, 4, 1), 30.0, None), ("A", date(2025, 5, 10), 50.0, None)])
    a = evaluated("A", pl.concat([earlier, SAID]))
    assert a["points"] == 2
    assert a["best_pace_per_week"] == pytest.approx(7 * 20 / 39)
    assert a["value"] == 64


def test_a_reading_on_the_day_of_the_baseline_is_not_counted_twice():
    said = checkins([("A", START, 58.4, None), ("A", NOW, 64.0, None)])
    assert evaluated("A", said)["points"] == 2


def test_a_maintain_key_result_has_no_expected_progress_and_no_forecast():
    agreed = AGREED[:1].with_columns(
        pl.lit("maintain").alias("goal_type"), pl.lit("up").alias("direction"), pl.lit(6.0).alias("target")
    )
    said = checkins([("A", START + timedelta(days=7 * week), 6.2, None) for week in range(8)])
    a = evaluated("A", said, agreed=agreed)
    assert (a["status"], a["status_rule"], a["expected_mode"]) == ("on_track", "maintain", "none")
    assert [a[name] for name in ("progress", "expected_progress", "p_hit", "required_pace_per_week")] == [None] * 4


def test_a_persons_override_stands_beside_the_computed_label_until_it_expires():
    said = checkins(
        [("A", NOW - timedelta(days=2), 64.0, None)],
        status_override=["on_track"],
        override_reason=["the big account signs on Friday"],
        override_expires_on=[NOW + timedelta(days=1)],
    )
    today, tomorrow = (evaluated("A", said, on=NOW + timedelta(days=ahead)) for ahead in (0, 1))
    assert (today["status"], today["status_override"]) == ("at_risk", "on_track")
    assert (today["is_override_live"], tomorrow["is_override_live"]) == (True, False)
    assert tomorrow["status_override"] == "on_track"


def test_milestones_replace_the_line():
    milestones = pl.DataFrame({"key_result_id": ["A"], "due_on": [NOW], "value": [61.5]})
    a = evaluated("A", milestones=milestones)
    assert (a["expected_mode"], a["expected_progress"], a["status"]) == ("milestones", 0.25, "at_risk")
    assert a["status_rule"] == "best_pace"


def test_the_frame_has_its_schema_even_without_rows():
    empty = key_result_statuses(AGREED[:0], SAID, evaluated_on=[NOW])
    assert dict(empty.schema) == STATUS_SCHEMA


def test_rows_come_in_order_whatever_the_order_of_the_input():
    shuffled = key_result_statuses(AGREED[::-1], SAID[::-1], evaluated_on=[END, NOW], launches=LAUNCHES[::-1])
    straight = key_result_statuses(AGREED, SAID, evaluated_on=[NOW, END], launches=LAUNCHES)
    assert shuffled.equals(straight)


def test_key_results_that_cannot_be_read_are_refused_by_name():
    with pytest.raises(ConfigurationError, match="goal_type of A"):
        evaluated("A", agreed=AGREED.with_columns(goal_type=pl.lit("stretch")))
    with pytest.raises(ConfigurationError, match="direction of A"):
        evaluated("A", agreed=AGREED.with_columns(direction=pl.lit("sideways")))
    with pytest.raises(UnusableInputError, match="period of A"):
        evaluated("A", agreed=AGREED.with_columns(period_end=START))
    with pytest.raises(ConfigurationError, match="twice"):
        evaluated("A", agreed=pl.concat([AGREED, AGREED]))
    with pytest.raises(MissingColumnError, match="cadence_days"):
        evaluated("A", agreed=AGREED.drop("cadence_days"))
