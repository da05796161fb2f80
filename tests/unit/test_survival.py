import math
import random
from datetime import date, timedelta
from statistics import NormalDist

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from metrics_py import rolling_percentile
from metrics_py.errors import MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.survival import (
    aj_share_by,
    km_quantile,
    km_share_by,
    rolling_aj_share_by,
    rolling_km_quantile,
    rolling_km_share_by,
)

FIRST = date(2025, 1, 1)
COLUMNS = {"time": "age", "event": "outcome", "entry": "entry"}
WINDOWS = {"opened": "opened_on", "closed": "closed_on"}

lives = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([0, 1, 1, 2]), st.none() | st.integers(-3, 6)).filter(
        lambda life: life[2] is None or life[2] < life[0]
    ),
    max_size=25,
)


def items_of(lives):
    schema = {"age": pl.Int64, "outcome": pl.Int64, "entry": pl.Int64}
    return pl.DataFrame(lives, schema=schema, orient="row")


def day(offset):
    return FIRST + timedelta(days=offset)


def insights(rows, groups=None):
    """Rows of (opened, closed or None, code) in days from the first."""
    frame = pl.DataFrame(
        {
            "opened_on": [day(opened) for opened, _, _ in rows],
            "closed_on": [None if closed is None else day(closed) for _, closed, _ in rows],
            "code": [code for _, _, code in rows],
        },
        schema={"opened_on": pl.Date, "closed_on": pl.Date, "code": pl.Int64},
    )
    return frame if groups is None else frame.with_columns(pl.Series("person_id", groups, dtype=pl.String))


def naive_curve(lives):
    """(age, S, relative variance) after each age with an event, one age at a time."""
    survival, variance, steps = 1.0, 0.0, []
    for age in sorted({age for age, outcome, _ in lives if outcome == 1}):
        at_risk = sum(exit_age >= age and (entry is None or entry < age) for exit_age, _, entry in lives)
        events = sum(exit_age == age and outcome == 1 for exit_age, outcome, _ in lives)
        survival *= 1 - events / at_risk
        variance += events / (at_risk * (at_risk - events)) if at_risk > events else math.inf
        steps.append((age, survival, variance))
    return steps


def naive_limits(survival, variance):
    if not 0 < survival < 1:
        return None, None
    spread = NormalDist().inv_cdf(0.975) * math.sqrt(variance) / abs(math.log(survival))
    return survival ** math.exp(spread), survival ** math.exp(-spread)


def naive_share(lives, weights, at):
    """Aalen-Johansen share of outcome 1 with a weight for each item."""
    survival, share = 1.0, 0.0
    for age in sorted({age for age, outcome, _ in lives if outcome > 0 and age <= at}):
        at_risk = events = others = 0.0
        for (exit_age, outcome, entry), weight in zip(lives, weights, strict=True):
            at_risk += weight * (exit_age >= age and (entry is None or entry < age))
            events += weight * (exit_age == age and outcome == 1)
            others += weight * (exit_age == age and outcome == 2)
        share += survival * events / at_risk
        survival *= 1 - (events + others) / at_risk
    return share


@given(lives=lives, quantile=st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_quantile_and_limits_are_the_first_ages_at_which_the_naive_curve_is_down(lives, quantile):
    found = km_quantile(items_of(lives).with_columns(pl.col("outcome") == 1), quantile=quantile, **COLUMNS)
    steps = [(age, survival, *naive_limits(survival, variance)) for age, survival, variance in naive_curve(lives)]

    def first_down(side):
        return next((step[0] for step in steps if step[side] is not None and step[side] <= 1 - quantile + 1e-9), None)

    expected = (first_down(1), first_down(2), first_down(3))
    assert found.select("value", "ci_low", "ci_high").row(0) == expected
    assert found.select("n", "events", "reached").row(0) == (
        len(lives),
        sum(outcome == 1 for _, outcome, _ in lives),
        expected[0] is not None,
    )


@given(lives=lives, at=st.integers(0, 13))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_share_and_limits_equal_the_naive_curve(lives, at):
    found = km_share_by(items_of(lives).with_columns(pl.col("outcome") == 1), at=at, **COLUMNS).row(0, named=True)
    steps = naive_curve(lives)
    if not steps:
        assert (found["events"], found["share"], found["ci_low"], found["ci_high"]) == (0, None, None, None)
        return
    _, survival, variance = next((step for step in reversed(steps) if step[0] <= at), (None, 1.0, 0.0))
    low, high = naive_limits(survival, variance)
    assert found["share"] == pytest.approx(1 - survival, abs=1e-9)
    assert found["ci_low"] == (None if high is None else pytest.approx(1 - high, abs=1e-9))
    assert found["ci_high"] == (None if low is None else pytest.approx(1 - low, abs=1e-9))


@given(lives=lives, at=st.integers(0, 13))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_competing_share_equals_the_naive_one(lives, at):
    found = aj_share_by(items_of(lives), at=at, **COLUMNS)["share"][0]
    is_known = any(outcome for _, outcome, _ in lives)
    assert found == (pytest.approx(naive_share(lives, [1.0] * len(lives), at), abs=1e-9) if is_known else None)


@given(lives=lives.filter(lambda lives: any(outcome for _, outcome, _ in lives)), at=st.integers(0, 13))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_without_delayed_entry_the_error_is_what_reweighting_each_item_does(lives, at):
    lives = [(age, outcome, None) for age, outcome, _ in lives]
    step, squares = 1e-5, 0.0
    for position in range(len(lives)):
        above, below = [1.0] * len(lives), [1.0] * len(lives)
        above[position] += step
        below[position] -= step
        squares += ((naive_share(lives, above, at) - naive_share(lives, below, at)) / (2 * step)) ** 2
    assert aj_share_by(items_of(lives), at=at, **COLUMNS)["se"][0] == pytest.approx(math.sqrt(squares), abs=1e-6)


@given(
    rows=st.lists(
        st.tuples(st.integers(-30, 40), st.none() | st.integers(0, 50), st.sampled_from([1, 1, 2])), max_size=25
    ),
    window_days=st.integers(1, 60),
    data=st.data(),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_window_equals_the_items_it_knew_entering_at_their_age(rows, window_days, data):
    rows = [(opened, None if age is None else opened + age, code) for opened, age, code in rows]
    groups = data.draw(st.lists(st.sampled_from(["ada", "bo", None]), min_size=len(rows), max_size=len(rows)))
    frame = insights(rows, groups)
    asked = {**WINDOWS, "by": "person_id", "window_days": window_days, "start": FIRST, "end": day(45)}
    known = []
    for last in range(46):
        window_start = last - window_days + 1
        for (opened, closed, code), person in zip(rows, groups, strict=True):
            is_open = closed is None or closed > last
            if opened <= last and (is_open or closed >= window_start):
                exit_age = (last if is_open else closed) - opened
                known.append((person, day(last), exit_age, 0 if is_open else code, window_start - opened - 1))
    watched = pl.DataFrame(
        known,
        schema={"person_id": pl.String, "day": pl.Date, "age": pl.Int64, "outcome": pl.Int64, "entry": pl.Int64},
        orient="row",
    )
    by_window = {**COLUMNS, "by": ["person_id", "day"]}
    resolved = watched.with_columns(pl.col("outcome") > 0)

    def compare(rolling, grouped):
        assert rolling.height == len(set(groups)) * 46
        assert_frame_equal(rolling.filter(pl.col("n") > 0), grouped, abs_tol=1e-9)
        assert rolling.filter(pl.col("n") == 0).select(pl.exclude("person_id", "day")).drop_nulls().height == 0

    compare(rolling_km_quantile(frame, **asked).drop("reached"), km_quantile(resolved, **by_window).drop("reached"))
    compare(rolling_km_share_by(frame, at=9, **asked), km_share_by(resolved, at=9, **by_window))
    compare(
        rolling_aj_share_by(frame, event="code", at=9, **asked),
        aj_share_by(watched, at=9, **by_window),
    )


@given(
    within=st.lists(st.integers(0, 45), min_size=19, max_size=19),
    beyond=st.lists(st.integers(46, 400), min_size=3, max_size=3),
    younger=st.lists(st.integers(0, 44), min_size=3, max_size=3),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_nineteen_done_three_late_and_three_young_fail_whatever_happens_next(within, beyond, younger):
    launches = pl.DataFrame({"launched_on": [FIRST] * 19, "cycle_days": within})
    literal = rolling_percentile(launches, value="cycle_days", at="launched_on")["value"][0]
    assert literal <= 45
    fates = {"known today": (younger, 0), "all three late": ([46] * 3, 0), "all three in time": (younger, 1)}
    items = pl.concat(
        pl.DataFrame({"age": within + beyond + ages, "outcome": [1] * 19 + [0] * 3 + [outcome] * 3, "fate": fate})
        for fate, (ages, outcome) in fates.items()
    )
    found = km_share_by(items, time="age", event="outcome", at=45, by="fate")
    share = dict(found.select("fate", "share").iter_rows())
    today, worst, best = (share[fate] for fate in fates)
    assert (worst, best) == (pytest.approx(0.76, abs=1e-9), pytest.approx(0.88, abs=1e-9))
    assert worst - 1e-9 <= today <= best + 1e-9 < 0.9


def stationary_companies(seed, companies):
    """Open items at a steady rate with geometric lives of mean 25 days, their whole past included."""
    source = random.Random(seed)
    rows, groups = [], []
    for company in range(companies):
        for opened in range(-400, 90):
            if source.random() < 0.9:
                life = int(math.log(1 - source.random()) / math.log(1 - 1 / 25))
                rows.append((opened, opened + life, 1))
                groups.append(str(company))
    return insights(rows, groups)


def test_the_interval_holds_the_true_p90_in_about_95_of_100_stationary_companies():
    truth = math.ceil(math.log(0.1) / math.log(1 - 1 / 25)) - 1  # first age with (24/25)^(age + 1) <= 0.1
    asked = {**WINDOWS, "by": "person_id", "start": day(89), "end": day(89)}
    found = rolling_km_quantile(stationary_companies(7, 200), **asked)
    holds = (pl.col("ci_low") <= truth) & (pl.col("ci_high").fill_null(10_000) >= truth)
    assert found.height == 200
    assert 0.92 <= found.select(holds.mean()).item() <= 0.98


def test_a_growing_backlog_makes_the_literal_p90_look_quick_and_not_the_one_with_open_items():
    # every fourth item is never taken up, the others take 10 to 30 days
    rows = [(opened, None if opened % 4 == 0 else opened + 10 + opened % 21, 1) for opened in range(120)]
    frame = insights(rows).with_columns(cycle_days=(pl.col("closed_on") - pl.col("opened_on")).dt.total_days())
    today = {"start": day(119), "end": day(119)}
    assert rolling_percentile(frame, value="cycle_days", at="closed_on", **today)["value"][0] <= 30
    with_open = rolling_km_quantile(frame, **WINDOWS, **today).row(0, named=True)
    assert (with_open["value"], with_open["reached"]) == (None, False)
    assert rolling_km_share_by(frame, **WINDOWS, at=45, **today)["share"][0] < 0.85


def test_an_item_closed_after_the_day_is_still_open_on_the_day():
    frame = insights([(0, 4, 1), (0, 9, 1)])
    found = rolling_km_share_by(frame, **WINDOWS, at=9, start=day(8), end=day(9))
    assert found.select("n", "events", "share").rows() == [(2, 1, 0.5), (2, 2, 1.0)]


def test_an_event_on_the_day_of_a_censoring_comes_first():
    items = pl.DataFrame({"age": [5, 5], "outcome": [1, 0]})
    assert km_share_by(items, time="age", event="outcome", at=5)["share"][0] == 0.5


def test_a_limit_is_the_first_age_at_which_a_band_that_rises_again_is_down():
    # three of four close at once; then a hundred enter, one closes, and the curve is far better known
    lives = [(1, 1, None)] * 3 + [(20, 0, None)] + [(20, 0, 5)] * 100 + [(10, 1, 5)]
    at_once, later = (naive_limits(survival, variance)[0] for _, survival, variance in naive_curve(lives))
    assert at_once < later
    assert km_quantile(items_of(lives), quantile=1 - (at_once + later) / 2, **COLUMNS)["ci_low"][0] == 1


def test_a_cause_nothing_closed_by_has_share_zero_and_a_group_where_nothing_closed_has_none():
    items = pl.DataFrame({"squad_id": ["a", "a", "b"], "age": [3, 5, 90], "outcome": [2, 0, 0]})
    found = aj_share_by(items, time="age", event="outcome", at=45, by="squad_id")
    assert found.select("squad_id", "n", "events", "other_events", "share").rows() == [
        ("a", 2, 0, 1, 0.0),
        ("b", 1, 0, 0, None),
    ]


def test_without_competing_events_the_competing_share_is_the_survival_share():
    items = items_of([(3, 1, None), (5, 0, None), (8, 1, 4), (9, 0, 2)])
    plain = km_share_by(items, at=8, **COLUMNS)
    assert_frame_equal(aj_share_by(items, at=8, **COLUMNS).select(plain.columns), plain, abs_tol=1e-12)


def test_no_items_give_one_row_of_nulls_and_with_groups_none():
    empty = items_of([])
    assert km_quantile(empty, **COLUMNS).rows() == [(0, 0, None, None, None, False)]
    assert km_share_by(empty, at=45, **COLUMNS).rows() == [(0, 0, None, None, None)]
    assert km_quantile(empty.with_columns(squad_id=pl.lit("a")), by="squad_id", **COLUMNS).height == 0
    assert rolling_km_quantile(insights([]), **WINDOWS).height == 0
    asked = rolling_km_share_by(insights([]), **WINDOWS, at=45, start=FIRST, end=day(1))
    assert asked.rows() == [(FIRST, 0, 0, None, None, None), (day(1), 0, 0, None, None, None)]
    later = rolling_km_quantile(insights([(0, 1, 1)]), **WINDOWS, start=day(5))
    assert later.columns == ["day", "n", "events", "value", "ci_low", "ci_high", "reached"]
    assert later.height == 0


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"time": "cycle"}, MissingColumnError, "no column 'cycle'; the frame has age, outcome, entry"),
        ({"time": "label"}, UnusableInputError, "label must be a number of days; found String"),
        ({"event": "label"}, UnusableInputError, "label must be a boolean or an integer code; found String"),
        (
            {"by": "reached"},
            UnusableInputError,
            "none of them .*reached.*; found reached",
        ),
        ({"by": ["label", "label"]}, UnusableInputError, "by must name different columns"),
        ({"entry": "age"}, OutOfRangeError, "age must be below age; found 2 rows"),
        ({"time": "negative"}, OutOfRangeError, "negative must be an age of 0 or more; found 1 rows"),
        ({"time": "unknown"}, OutOfRangeError, "unknown must be an age of 0 or more; found 2 rows"),
        ({"event": "code"}, OutOfRangeError, r"code must be 0 or 1 \(aj_share_by takes more codes\); found 1 rows"),
        ({"quantile": 1}, OutOfRangeError, "quantile must lie between 0 and 1; found 1"),
        ({"confidence": 95}, OutOfRangeError, "confidence must lie between 0 and 1; found 95"),
    ],
)
def test_refusals_say_what_was_found_and_what_is_allowed(changes, error, message):
    frame = items_of([(3, 1, None), (5, 0, 2)]).with_columns(
        label=pl.lit("x"), negative=pl.Series([-1, 3]), code=pl.Series([2, 1]), reached=1, unknown=math.nan
    )
    with pytest.raises(error, match=message):
        km_quantile(frame, **(COLUMNS | changes))


def test_the_code_of_open_items_is_no_cause():
    with pytest.raises(OutOfRangeError, match="cause must not be 0"):
        aj_share_by(items_of([(3, 1, None)]), at=45, cause=0, **COLUMNS)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"opened": "code"}, UnusableInputError, "code must be a Date column; found Int64"),
        ({"opened": "closed_on", "closed": "opened_on"}, OutOfRangeError, "closed_on must have a date; found 1 rows"),
        ({"closed": "earlier_on"}, OutOfRangeError, "earlier_on must not be before opened_on; found 2 rows"),
        ({"window_days": 0}, OutOfRangeError, "window_days must be 1 or more; found 0"),
        ({"start": day(3), "end": day(2)}, OutOfRangeError, "end must not be before start"),
        ({"at": -1}, OutOfRangeError, "at must be an age of 0 or more; found -1"),
    ],
)
def test_rolling_refusals_say_what_was_found_and_what_is_allowed(changes, error, message):
    frame = insights([(3, 5, 1), (3, None, 1)]).with_columns(earlier_on=FIRST)
    with pytest.raises(error, match=message):
        rolling_km_share_by(frame, **(WINDOWS | {"at": 45} | changes))
