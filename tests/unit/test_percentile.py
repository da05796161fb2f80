import math
from contextlib import contextmanager
from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics_py import _day_counts, rolling_percentile
from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError

FIRST = date(2025, 1, 1)
LAST = FIRST + timedelta(days=99)


def launches(rows, groups=None):
    frame = pl.DataFrame(
        {"offset": [offset for offset, _ in rows], "cycle_days": [days for _, days in rows]},
        schema={"offset": pl.Int32, "cycle_days": pl.Int64},
    ).select(
        pl.lit(FIRST).dt.offset_by(pl.format("{}d", "offset")).alias("launched_on"),
        "cycle_days",
    )
    return frame if groups is None else frame.with_columns(pl.Series("person_id", groups, dtype=pl.String))


@contextmanager
def counting(every_cell):
    """Count into an array of all cells, or list only the cells that are hit, whatever the size of the input."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_day_counts, "DENSE_CELLS_PER_ROW", 10**6 if every_cell else 0)
        yield


def nearest_rank(values, quantile):
    return sorted(values)[max(math.ceil(len(values) * Fraction(str(quantile))), 1) - 1]


def interpolated(values, quantile):
    position = (len(values) - 1) * Fraction(str(quantile))
    lower = math.floor(position)
    upper = min(lower + 1, len(values) - 1)
    ordered = sorted(values)
    return float(ordered[lower] + (ordered[upper] - ordered[lower]) * (position - lower))


rows_of_a_hundred_days = st.lists(
    st.tuples(st.integers(-40, 99), st.integers(0, 44) | st.integers(40, 50) | st.integers(45, 500)), max_size=60
)


@given(rows=rows_of_a_hundred_days, window_days=st.integers(1, 120))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_p90_is_within_45_days_exactly_when_at_least_90_percent_are(rows, window_days):
    # 100 examples of 100 windows each
    found = rolling_percentile(
        launches(rows), value="cycle_days", at="launched_on", window_days=window_days, start=FIRST, end=LAST
    )
    assert found.height == 100
    for day, n, value in found.iter_rows():
        last = (day - FIRST).days
        window = [days for offset, days in rows if last - window_days < offset <= last]
        assert n == len(window)
        if window:
            assert (value <= 45) == (10 * sum(days <= 45 for days in window) >= 9 * len(window))
        else:
            assert value is None


@given(
    rows=rows_of_a_hundred_days,
    window_days=st.integers(1, 120),
    quantiles=st.lists(st.sampled_from([0, 0.07, 0.1, 0.25, 1 / 3, 0.5, 0.9, 0.95, 0.99, 1]), min_size=1, max_size=3),
    every_cell=st.booleans(),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_day_and_group_equals_the_naive_computation(rows, window_days, quantiles, every_cell, data):
    groups = data.draw(st.lists(st.sampled_from(["ada", "bo", None]), min_size=len(rows), max_size=len(rows)))
    frame = launches(rows, groups)
    for method, naive in (("disc", nearest_rank), ("cont", interpolated)):
        with counting(every_cell):
            found = rolling_percentile(
                frame,
                value="cycle_days",
                at="launched_on",
                by="person_id",
                window_days=window_days,
                quantile=quantiles,
                method=method,
                start=FIRST,
                end=LAST,
            )
        assert found.columns == ["person_id", "day", "quantile", "n", "value"]
        assert found.height == len(set(groups)) * 100 * len(quantiles)
        for person, day, quantile, n, value in found.iter_rows():
            last = (day - FIRST).days
            window = [
                days
                for (offset, days), owner in zip(rows, groups, strict=True)
                if owner == person and last - window_days < offset <= last
            ]
            assert n == len(window)
            assert value == (pytest.approx(naive(window, quantile), abs=1e-9) if window else None)


@given(
    rows=rows_of_a_hundred_days,
    repeats=st.integers(1, 3),
    method=st.sampled_from(["disc", "cont"]),
    every_cell=st.booleans(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_counts_made_elsewhere_give_the_answer_of_the_raw_rows(rows, repeats, method, every_cell):
    raw = launches(rows * repeats)
    counted = raw.group_by("launched_on", "cycle_days").agg(pl.len().alias("launches"))
    asked = {"value": "cycle_days", "at": "launched_on", "method": method, "window_days": 30}
    expected = rolling_percentile(raw, **asked)
    with counting(every_cell):
        assert_frame_equal(rolling_percentile(counted, count="launches", **asked), expected)


@pytest.mark.parametrize("every_cell", [True, False])
@pytest.mark.parametrize("labels", [["person_id"], ["squad_id"], ["person_id", "squad_id"], ["launched_on"]])
def test_every_kind_of_group_label_and_a_lazy_frame_give_the_same_windows(labels, every_cell):
    rows = [(day, (day * 7 + item) % 5) for day in range(20) for item in range(40)]
    frame = launches(rows).with_columns(
        pl.Series("person_id", [f"pm-{i % 3}" for i in range(len(rows))]),
        pl.Series("squad_id", [None if i % 4 == 0 else i % 4 for i in range(len(rows))], dtype=pl.Int32),
    )
    asked = {"value": "cycle_days", "at": "launched_on", "window_days": 5}
    with counting(every_cell):
        together = rolling_percentile(frame.lazy(), by=labels, **asked)
    assert_frame_equal(together.select(labels).unique(), frame.select(labels).unique(), check_row_order=False)
    for label in frame.select(labels).unique().iter_rows():
        matches = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(x)) for c, x in zip(labels, label, strict=True))
        alone = rolling_percentile(frame.filter(matches), start=FIRST, end=FIRST + timedelta(days=19), **asked)
        assert_frame_equal(together.filter(matches).select("day", "n", "value"), alone)


def test_days_without_events_are_there_and_an_empty_window_is_null_not_zero():
    found = rolling_percentile(
        launches([(0, 12), (9, 30)]),
        value="cycle_days",
        at="launched_on",
        window_days=3,
        end=FIRST + timedelta(days=12),
    )
    assert found["day"].to_list() == [FIRST + timedelta(days=day) for day in range(13)]
    assert found["n"].to_list() == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0]
    assert found["value"].to_list() == [12] * 3 + [None] * 6 + [30] * 3 + [None]


def test_a_group_without_rows_in_the_window_keeps_its_days():
    frame = launches([(0, 12), (5, 30)], ["ada", "bo"])
    day = FIRST + timedelta(days=5)
    found = rolling_percentile(
        frame, value="cycle_days", at="launched_on", by="person_id", window_days=2, start=day, end=day
    )
    assert found.rows() == [("ada", day, 0, None), ("bo", day, 1, 30)]


def test_rows_without_a_date_or_a_duration_are_left_out():
    frame = pl.concat([launches([(0, 12)]), pl.DataFrame({"launched_on": [FIRST, None], "cycle_days": [None, 90]})])
    assert rolling_percentile(frame, value="cycle_days", at="launched_on").rows() == [(FIRST, 1, 12)]


def test_rows_after_the_end_do_not_count_and_rows_before_the_start_do():
    day = FIRST + timedelta(days=5)
    found = rolling_percentile(
        launches([(0, 12), (4, 20), (6, 90)]), value="cycle_days", at="launched_on", window_days=5, start=day, end=day
    )
    assert found.rows() == [(day, 1, 20)]


def test_a_frame_without_rows_has_no_days_unless_they_are_asked_for():
    empty = launches([])
    assert rolling_percentile(empty, value="cycle_days", at="launched_on").rows() == []
    asked = rolling_percentile(empty, value="cycle_days", at="launched_on", start=FIRST, end=FIRST)
    assert asked.rows() == [(FIRST, 0, None)]
    grouped = rolling_percentile(launches([], []), value="cycle_days", at="launched_on", by="person_id")
    assert grouped.schema == {"person_id": pl.String, "day": pl.Date, "n": pl.Int64, "value": pl.Int64}


def test_negative_and_wide_durations_are_exact():
    rows = [(0, -3), (0, 2_000_000), (0, 7)]
    found = rolling_percentile(launches(rows), value="cycle_days", at="launched_on", quantile=[0, 0.5, 1])
    assert found["value"].to_list() == [-3, 7, 2_000_000]


def test_the_decimal_that_was_written_decides_the_rank():
    # in binary floats 0.07 * 100 is a little more than 7, and the eighth value would be taken
    rows = [(0, days) for days in range(1, 101)]
    assert rolling_percentile(launches(rows), value="cycle_days", at="launched_on", quantile=0.07)["value"][0] == 7


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"value": "cycle_day"}, MissingColumnError, "no column 'cycle_day'; the frame has launched_on, cycle_days"),
        ({"at": "cycle_days"}, UnusableInputError, "cycle_days must be a Date column; found Int64"),
        ({"value": "launched_on"}, UnusableInputError, "launched_on must be an integer column; found Date"),
        ({"window_days": 0}, OutOfRangeError, "window_days must be 1 or more; found 0"),
        ({"quantile": 90}, OutOfRangeError, r"quantile must be .* from 0 to 1; found \[90\]"),
        ({"quantile": []}, OutOfRangeError, "quantile must be one or more shares"),
        ({"method": "linear"}, OutOfRangeError, "method must be 'disc' .* found 'linear'"),
        ({"start": LAST, "end": FIRST}, OutOfRangeError, "end must not be before start"),
        ({"by": "day"}, UnusableInputError, "none of them day, n, value; found day"),
        ({"count": "launches"}, OutOfRangeError, "launches must be 0 or more; found 1 rows"),
    ],
)
def test_refusals_say_what_was_found_and_what_is_allowed(changes, error, message):
    frame = launches([(0, 1), (1, 2)]).with_columns(day=1, launches=pl.Series([1, -1]))
    with pytest.raises(error, match=message):
        rolling_percentile(frame, **({"value": "cycle_days", "at": "launched_on"} | changes))


def test_a_range_of_values_too_wide_to_count_is_refused_with_the_way_out():
    with pytest.raises(UnusableInputError, match="give whole days instead of seconds"):
        rolling_percentile(launches([(0, 0), (0, 10**9)]), value="cycle_days", at="launched_on")
