import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metrics_py
from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.interval import (
    add_interval,
    clopper_pearson_interval,
    jeffreys_interval,
    mean_interval,
    normal_quantile,
    student_quantile,
    wilson_interval,
)

brisk = settings(max_examples=40, deadline=None)

INTERVALS = [wilson_interval, clopper_pearson_interval, jeffreys_interval]
counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def test_three_of_four_is_30_to_95_percent():
    low, high = wilson_interval(3, 4)
    assert (round(low, 2), round(high, 2)) == (0.30, 0.95)


@pytest.mark.parametrize("interval", INTERVALS)
@brisk
@given(pair=counts, confidence=confidences)
def test_a_share_lies_inside_its_interval_and_the_interval_inside_0_to_1(interval, pair, confidence):
    successes, n = pair
    low, high = interval(successes, n, confidence)
    assert 0 <= low <= successes / n <= high <= 1


@pytest.mark.parametrize("interval", INTERVALS)
@brisk
@given(pair=counts, confidence=confidences)
def test_counting_failures_instead_of_successes_mirrors_the_interval(interval, pair, confidence):
    successes, n = pair
    low, high = interval(successes, n, confidence)
    assert interval(n - successes, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("interval", INTERVALS)
@brisk
@given(pair=counts)
def test_more_confidence_never_narrows_the_interval(interval, pair):
    low, high = interval(*pair, 0.8)
    lower, higher = interval(*pair, 0.95)
    assert lower <= low + 1e-12
    assert high <= higher + 1e-12


@pytest.mark.parametrize("interval", INTERVALS)
def test_no_trials_give_no_limits(interval):
    assert interval(0, 0) == (None, None)
    assert interval(None, 4) == (None, None)
    assert interval(1, None) == (None, None)


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize(("successes", "n"), [(5, 4), (-1, 4), (1, 0), (float("nan"), 4), (1, float("inf"))])
def test_impossible_counts_are_refused(interval, successes, n):
    with pytest.raises(OutOfRangeError, match="between 0 and n"):
        interval(successes, n)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.5, float("nan")])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    for call in (lambda: wilson_interval(1, 2, confidence), lambda: mean_interval([1, 2], confidence)):
        with pytest.raises(OutOfRangeError, match=r"confidence=0\.95"):
            call()


def test_the_package_offers_the_intervals_by_name():
    assert metrics_py.wilson_interval is wilson_interval
    assert metrics_py.mean_interval is mean_interval


def test_a_frame_gets_the_same_limits_and_keeps_its_columns():
    frame = pl.DataFrame({"quarter": ["Q1", "Q2", "Q3"], "hits": [3, 0, None], "matured": [4, 0, 2]})
    result = add_interval(frame, successes="hits", n="matured", low="low", high="high")
    assert result.columns == ["quarter", "hits", "matured", "low", "high"]
    assert result.rows()[0][3:] == wilson_interval(3, 4)
    assert result["low"].to_list()[1:] == [None, None]
    assert result.schema["high"] == pl.Float64


def test_an_empty_frame_stays_empty_with_typed_limits():
    empty = pl.DataFrame(schema={"k": pl.Int64, "n": pl.Int64})
    assert add_interval(empty, successes="k", n="n").schema["ci_low"] == pl.Float64


def test_a_frame_without_the_column_or_an_unknown_method_is_refused():
    frame = pl.DataFrame({"k": [1], "n": [2]})
    with pytest.raises(MissingColumnError, match="hits"):
        add_interval(frame, successes="hits", n="n")
    with pytest.raises(UnusableInputError, match="clopper_pearson"):
        add_interval(frame, successes="k", n="n", method="wald")


finite = st.floats(-1e6, 1e6, allow_nan=False)


@brisk
@given(values=st.lists(finite, min_size=2, max_size=30), confidence=confidences)
def test_the_mean_is_the_middle_of_its_interval(values, confidence):
    low, high = mean_interval(values, confidence)
    assert (low + high) / 2 == pytest.approx(sum(values) / len(values), abs=1e-6, rel=1e-9)


@brisk
@given(values=st.lists(finite, min_size=2, max_size=30), unseen=st.integers(0, 50))
def test_a_finite_population_never_widens_the_interval(values, unseen):
    low, high = mean_interval(values)
    narrow_low, narrow_high = mean_interval(values, population=len(values) + unseen)
    assert low <= narrow_low <= narrow_high <= high


def test_nulls_are_left_out_and_nan_is_refused():
    assert mean_interval([60, None, 80, None]) == mean_interval([60, 80])
    with pytest.raises(OutOfRangeError, match="null for a missing value"):
        mean_interval([60, float("nan"), 80])


def test_fewer_than_two_values_give_no_limits():
    assert mean_interval([]) == (None, None)
    assert mean_interval([72.5], population=1) == (None, None)


def test_a_population_smaller_than_the_sample_is_refused():
    with pytest.raises(OutOfRangeError, match="at least the 3 values"):
        mean_interval([1, 2, 3], population=2)


def test_student_quantiles_approach_the_normal_ones():
    assert student_quantile(0.95, 1) == pytest.approx(12.7062, abs=1e-4)
    assert student_quantile(0.95, 1e9) == pytest.approx(normal_quantile(0.95), abs=1e-7)
