from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.forecast import forecast

START = date(2025, 7, 1)
END = date(2025, 10, 1)

values_of_a_quarter = st.lists(st.floats(-50, 150).map(lambda number: round(number, 2)), min_size=4, max_size=13)


def weekly(values, series="a"):
    days = [START + timedelta(days=7 * week) for week in range(len(values))]
    return pl.DataFrame(
        {"key_result_id": series, "observed_on": days, "value": values},
        schema={"key_result_id": pl.String, "observed_on": pl.Date, "value": pl.Float64},
    )


def asked(made_on, target=72.0, is_up=True, series="a", due_on=END):
    return pl.DataFrame(
        {"key_result_id": [series], "made_on": [made_on], "due_on": [due_on], "target": [target], "is_up": [is_up]},
        schema_overrides={"target": pl.Float64, "is_up": pl.Boolean},
    )


def made(readings, origins, **settings):
    return forecast(readings, origins, by="key_result_id", target="target", higher_is_better="is_up", **settings)


def textbook(values, due_day, days=None):
    """Both predictive distributions by numpy and scipy, from the textbook formulas."""
    days = np.arange(len(values)) * 7.0 if days is None else np.asarray(days, dtype=float)
    values = np.asarray(values, dtype=float)
    n = len(values)
    slope, intercept = np.polyfit(days, values, 1)
    error = np.sqrt(((values - intercept - slope * days) ** 2).sum() / (n - 2))
    reach = np.sqrt(1 + 1 / n + (due_day - days.mean()) ** 2 / ((days - days.mean()) ** 2).sum())
    trend = stats.t(n - 2, loc=intercept + slope * due_day, scale=error * reach)
    drift = (values[-1] - values[0]) / (days[-1] - days[0])
    steps, gaps = np.diff(values), np.diff(days)
    step_variance = ((steps - drift * gaps) ** 2 / gaps).sum() / (n - 2)
    ahead = due_day - days[-1]
    walk = stats.t(
        n - 2,
        loc=values[-1] + drift * ahead,
        scale=np.sqrt(step_variance * (ahead + ahead**2 / (days[-1] - days[0]))),
    )
    return trend, walk


WANDERING = [58.0, 59.4, 58.9, 61.2, 60.5, 62.9, 63.1, 64.0]


def test_the_distribution_is_the_equal_mixture_of_line_and_walk():
    row = made(weekly(WANDERING), asked(START + timedelta(days=49))).row(0, named=True)
    trend, walk = textbook(WANDERING, 92)
    assert row["forecast"] == pytest.approx((trend.mean() + walk.mean()) / 2)
    assert row["p_hit"] == pytest.approx((trend.sf(72) + walk.sf(72)) / 2)
    for limit, probability in (("low_95", 0.025), ("low_80", 0.1), ("high_80", 0.9), ("high_95", 0.975)):
        assert (trend.cdf(row[limit]) + walk.cdf(row[limit])) / 2 == pytest.approx(probability, abs=1e-9)


def test_uneven_readings_count_by_their_days():
    days = [0, 3, 20, 21, 48]
    values = [10.0, 11.0, 14.5, 13.0, 20.0]
    readings = pl.DataFrame(
        {"key_result_id": "a", "observed_on": [START + timedelta(days=day) for day in days], "value": values}
    )
    row = made(readings, asked(START + timedelta(days=49))).row(0, named=True)
    trend, walk = textbook(values, 92, days)
    assert (row["trend_mean"], row["drift_mean"]) == pytest.approx((trend.mean(), walk.mean()))
    assert (row["trend_scale"], row["drift_scale"]) == pytest.approx((trend.kwds["scale"], walk.kwds["scale"]))


@given(values=values_of_a_quarter)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_intervals_nest_and_mirrored_readings_mirror_the_forecast(values):
    now = START + timedelta(days=7 * (len(values) - 1))
    row = made(weekly(values), asked(now)).row(0, named=True)
    mirrored = made(weekly([-value for value in values]), asked(now, target=-72.0, is_up=False)).row(0, named=True)
    slack = 1e-6
    assert row["low_95"] <= row["low_80"] + slack
    assert row["low_80"] <= row["high_80"] + slack
    assert row["high_80"] <= row["high_95"] + slack
    assert 0 <= row["p_hit"] <= 1
    assert mirrored["p_hit"] == pytest.approx(row["p_hit"], abs=1e-9)
    assert mirrored["low_80"] == pytest.approx(-row["high_80"], abs=1e-6)


def test_readings_after_the_day_of_the_forecast_change_nothing():
    now = START + timedelta(days=35)
    before = made(weekly(WANDERING[:6]), asked(now))
    after = made(weekly([*WANDERING[:6], 200.0, 300.0]), asked(now))
    assert before.equals(after)


def test_three_readings_are_too_few_and_four_are_enough():
    three, four = (made(weekly(WANDERING[:n]), asked(END)).row(0, named=True) for n in (3, 4))
    assert (three["n"], three["forecast"], three["p_hit"], three["low_80"]) == (3, None, None, None)
    assert four["n"] == 4
    assert four["p_hit"] is not None


def test_a_series_that_nobody_read_has_no_forecast():
    row = made(weekly(WANDERING), asked(END, series="b")).row(0, named=True)
    assert (row["n"], row["forecast"], row["p_hit"]) == (0, None, None)


def test_a_missing_reading_is_no_reading():
    gappy = made(weekly([58.0, None, 58.9, 61.2, 60.5]), asked(END))
    assert gappy["n"].item() == 4


def test_a_due_date_in_the_past_is_not_forecast():
    row = made(weekly(WANDERING), asked(END, due_on=START + timedelta(days=20))).row(0, named=True)
    assert row["forecast"] is None


def test_a_flat_series_on_its_target_is_a_hit_from_both_sides():
    flat = weekly([72.0] * 5)
    assert made(flat, asked(END, is_up=True))["p_hit"].item() == 1
    assert made(flat, asked(END, is_up=False))["p_hit"].item() == 1
    assert made(flat, asked(END, target=72.1))["p_hit"].item() == 0


def test_without_target_or_direction_there_is_no_probability():
    assert made(weekly(WANDERING), asked(END, target=None))["p_hit"].item() is None
    assert made(weekly(WANDERING), asked(END, is_up=None))["p_hit"].item() is None


def test_many_series_and_days_at_once_equal_one_at_a_time():
    readings = pl.concat([weekly(WANDERING), weekly([5.0, 4.0, 4.5, 3.0, 3.2], "b")])
    origins = pl.concat(
        [asked(START + timedelta(days=day), target=target, is_up=up, series=series)
         for series, target, up in (("b", 1.0, False), ("a", 72.0, True))
         for day in (35, 28)]
    )  # fmt: skip
    together = made(readings, origins)
    apart = pl.concat([made(readings, origins[row]) for row in range(origins.height)])
    assert together.equals(apart)


def test_two_readings_on_one_day_are_refused():
    twice = pl.concat([weekly(WANDERING), weekly(WANDERING[:1])])
    with pytest.raises(UnusableInputError, match="one reading per day"):
        made(twice, asked(END))


def test_bad_requests_name_what_is_wrong():
    with pytest.raises(MissingColumnError, match="value"):
        made(weekly(WANDERING).drop("value"), asked(END))
    with pytest.raises(OutOfRangeError, match="fewest"):
        made(weekly(WANDERING), asked(END), fewest=2)
    with pytest.raises(OutOfRangeError, match="confidence"):
        made(weekly(WANDERING), asked(END), confidences=(80,))
    with pytest.raises(UnusableInputError, match="go together"):
        forecast(weekly(WANDERING), asked(END), by="key_result_id", target="target")
