from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.errors import OutOfRangeError
from metrics_py.okr.progress import (
    best_pace,
    clamped,
    elapsed_share,
    expected_progress,
    matured_on,
    matured_share,
    pace,
    pace_forecast,
    progress,
    progress_ratio,
    required_pace,
)

START, END, NOW = date(2025, 7, 1), date(2025, 10, 1), date(2025, 8, 19)
QUARTER = {"period_start": START, "period_end": END}

brisk = settings(max_examples=50, deadline=None, derandomize=True)
whole_values = st.integers(-1000, 1000)


def day(number):
    return START + timedelta(days=number)


@brisk
@given(value=whole_values, baseline=whole_values, target=whole_values)
def test_progress_does_not_know_up_from_down(value, baseline, target):
    rising = progress(value, baseline=baseline, target=target)
    falling = progress(-value, baseline=-baseline, target=-target)
    assert rising == falling
    if rising is not None:
        assert baseline + rising * (target - baseline) == pytest.approx(value)


def test_progress_is_raw_and_only_clamped_for_roll_ups():
    beyond = progress(80, baseline=58, target=72)
    assert beyond > 1.5
    assert clamped(beyond) == 1
    assert progress(50, baseline=58, target=72) < 0


def test_without_a_way_to_go_there_is_no_progress():
    assert progress(72, baseline=72, target=72) is None
    assert progress(72, baseline=None, target=80) is None


def test_the_worked_example_expects_49_of_92_days():
    assert elapsed_share(NOW, start=START, end=END) == 49 / 92
    assert round(expected_progress(NOW, **QUARTER).value, 4) == 0.5326


def test_the_worked_example_needs_1_302_points_a_week_against_0_857():
    seen = pace(64, baseline=58, since=START, on=NOW)
    assert round(7 * seen, 3) == 0.857
    assert round(7 * required_pace(64, target=72, on=NOW, period_end=END), 3) == 1.302
    assert round(pace_forecast(64, daily=seen, on=NOW, period_end=END), 1) == 69.3
    assert round(progress_ratio(6 / 14, 49 / 92), 3) == 0.805


def test_a_maintain_goal_is_never_interpolated_whatever_else_is_given():
    expected = expected_progress(NOW, **QUARTER, goal_type="maintain", launched_on=START, milestones=[(NOW, 6.0)])
    assert (expected.value, expected.mode) == (None, "none")


def test_milestones_come_before_launches_and_launches_before_the_line():
    plan = {"baseline": 58, "target": 72, "milestones": [(day(46), 61.5)], "launched_on": day(30)}
    assert expected_progress(day(46), **QUARTER, **plan).value == 0.25
    assert expected_progress(day(23), **QUARTER, **plan).value == 0.125
    assert expected_progress(day(69), **QUARTER, **plan).value == 0.625
    assert expected_progress(day(46), **QUARTER, **plan).mode == "milestones"
    assert expected_progress(END, **QUARTER, **plan).value == 1
    assert expected_progress(day(46), **QUARTER, launched_on=day(30)).mode == "launch_aware"


def test_a_last_milestone_on_the_end_is_the_plan_even_when_it_is_not_the_target():
    plan = {"baseline": 0, "target": 10, "milestones": [(END, 8.0)]}
    assert expected_progress(END, **QUARTER, **plan).value == 0.8


def test_nothing_is_expected_before_launch_plus_lag_and_all_of_it_at_the_end():
    plan = {"launched_on": day(32), "lag_days": 30}
    assert expected_progress(day(62), **QUARTER, **plan).value == 0
    assert expected_progress(day(77), **QUARTER, **plan).value == 0.5
    assert expected_progress(END, **QUARTER, **plan).value == 1


def test_a_launch_before_the_quarter_leaves_the_whole_quarter_to_the_line():
    assert expected_progress(NOW, **QUARTER, launched_on=date(2025, 3, 1), lag_days=30).value == 49 / 92


def test_an_effect_that_shows_after_the_quarter_is_not_expected_in_it():
    plan = {"launched_on": day(80), "lag_days": 30}
    assert expected_progress(day(91), **QUARTER, **plan).value == 0
    assert expected_progress(END, **QUARTER, **plan).value == 1


def test_a_baseline_read_in_mid_quarter_starts_the_line_there():
    assert expected_progress(day(46), **QUARTER, baseline_on=day(23)).value == pytest.approx(23 / 69)
    assert expected_progress(day(46), **QUARTER, baseline_on=date(2025, 5, 1)).value == 0.5


@brisk
@given(
    launch=st.none() | st.integers(-40, 120),
    lag=st.integers(0, 60),
    days=st.lists(st.integers(-5, 100), min_size=2, max_size=2),
)
def test_expected_progress_never_falls_and_stays_inside_0_to_1(launch, lag, days):
    plan = {"launched_on": None if launch is None else day(launch), "lag_days": lag}
    earlier, later = (expected_progress(day(number), **QUARTER, **plan).value for number in sorted(days))
    assert 0 <= earlier <= later <= 1


def test_plans_that_contradict_themselves_are_refused():
    with pytest.raises(OutOfRangeError, match="ends after it starts"):
        expected_progress(NOW, period_start=END, period_end=START)
    with pytest.raises(OutOfRangeError, match="milestone"):
        expected_progress(NOW, **QUARTER, baseline=1, target=2, milestones=[(date(2025, 12, 1), 1.5)])
    with pytest.raises(OutOfRangeError, match="lag_days"):
        expected_progress(NOW, **QUARTER, lag_days=-1)


def test_on_the_day_of_the_baseline_there_is_no_pace_and_after_the_end_none_is_required():
    assert pace(58, baseline=58, since=START, on=START) is None
    assert required_pace(64, target=72, on=END, period_end=END) is None


def test_the_best_pace_is_sought_over_half_to_twice_the_days_that_remain():
    readings = [(day(0), 0.0), (day(7), 7.0), (day(21), 8.0), (day(42), 10.0), (day(100), 200.0)]
    assert best_pace(readings, span_days=42, rising=True) == pytest.approx(190 / 58)
    assert best_pace(readings[:4], span_days=42, rising=True) == pytest.approx(8 / 21)
    assert best_pace(readings[:2], span_days=42, rising=True) is None


def test_where_lower_is_better_the_best_pace_is_the_steepest_fall():
    assert best_pace([(day(0), 20.0), (day(20), 10.0), (day(40), 9.0)], span_days=20, rising=False) == -0.5


def test_half_of_a_30_day_measure_has_matured_after_60_days():
    assert round(matured_share(NOW, start=START, lag_days=30), 3) == 0.388
    assert matured_on(NOW, start=START, lag_days=30, share=None) == date(2025, 8, 30)
    assert matured_share(date(2025, 8, 30), start=START, lag_days=30) == 0.5
    assert matured_share(date(2025, 8, 29), start=START, lag_days=30) < 0.5


def test_a_stated_share_below_what_the_lag_leaves_moves_the_readable_date_out():
    assert matured_on(NOW, start=START, lag_days=30, share=0.25) == day(74)
    assert matured_on(day(20), start=START, lag_days=30, share=0.0) == day(60)


def test_without_a_lag_everything_has_matured():
    assert matured_share(START, start=START, lag_days=0) == 1
    assert matured_share(START, start=START, lag_days=30) is None
