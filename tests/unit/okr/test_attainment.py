import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.errors import ConfigurationError, MissingColumnError, OutOfRangeError, UnusableInputError
from metrics_py.okr.attainment import WEAKEST_FIRST, attainments, most_important, period_attainment, roll_up, weakest

CLOSED = pl.DataFrame(
    {
        "key_result_id": ["A", "B", "C"],
        "baseline": [58.0, 71.0, 11.0],
        "target": [72.0, 78.0, 15.0],
        "closing_value": [68.5, 76.2, 13.4],
    }
)


def test_the_worked_example_closes_on_75_00_74_29_and_60_00():
    assert (100 * attainments(CLOSED)["attainment"]).round(2).to_list() == [75.00, 74.29, 60.00]


def test_a_mean_of_69_76_is_below_70_and_none_of_three_is_achieved():
    period = period_attainment(attainments(CLOSED)).row(0, named=True)
    assert round(100 * period["mean_attainment"], 2) == 69.76
    assert period["mean_attainment"] < 0.70
    assert (period["key_results"], period["achieved"], period["achieved_share"]) == (3, 0, 0)


def test_a_key_result_that_nobody_measured_is_counted_and_not_read_as_zero():
    silent = CLOSED.with_columns(closing_value=pl.Series([68.5, None, None], dtype=pl.Float64))
    period = period_attainment(attainments(silent)).row(0, named=True)
    assert (period["key_results"], period["measured"], period["mean_attainment"]) == (3, 1, 0.75)
    nothing = period_attainment(attainments(silent[1:])).row(0, named=True)
    assert (nothing["measured"], nothing["mean_attainment"], nothing["achieved_share"]) == (0, None, None)


def test_one_far_beyond_its_target_does_not_lift_the_others():
    closed = pl.DataFrame({"baseline": [0.0, 0.0], "target": [10.0, 10.0], "closing_value": [50.0, -20.0]})
    raw = attainments(closed)
    assert raw["attainment"].to_list() == [5, -2]
    assert period_attainment(raw)["mean_attainment"].item() == 0.5


def test_a_changed_target_shows_attainment_against_both():
    changed = CLOSED[:1].with_columns(target=pl.lit(68.0), original_target=pl.lit(72.0))
    both = attainments(changed).row(0, named=True)
    assert (both["attainment"], both["is_achieved"], both["attainment_of_original"]) == (1.05, True, 0.75)


def test_where_lower_is_better_reaching_the_target_is_achieving_it():
    falling = pl.DataFrame({"baseline": [52.0], "target": [45.0], "closing_value": [44.0]})
    assert attainments(falling)["is_achieved"].item()


def test_weights_and_groups_weigh_and_group():
    closed = attainments(CLOSED.with_columns(weight=pl.Series([3, 1, 1]), objective=pl.Series(["x", "x", "y"])))
    by_objective = period_attainment(closed, by="objective", weight="weight")
    assert by_objective["mean_attainment"].to_list() == pytest.approx([(3 * 0.75 + 5.2 / 7) / 4, 0.6])
    with pytest.raises(OutOfRangeError, match="weight"):
        period_attainment(closed.with_columns(weight=pl.lit(0)), weight="weight")


@given(labels=st.lists(st.sampled_from(WEAKEST_FIRST), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_roll_up_is_its_weakest_label_with_the_counts_of_all(labels):
    rolled = roll_up(pl.DataFrame({"status": labels, "progress": [0.5] * len(labels)})).row(0, named=True)
    assert rolled["weakest_status"] == min(labels, key=WEAKEST_FIRST.index) == weakest(labels)
    assert {label: rolled[label] for label in WEAKEST_FIRST} == {label: labels.count(label) for label in WEAKEST_FIRST}


def test_silence_is_weaker_than_green():
    assert weakest(["on_track", "no_data"]) == "no_data"
    assert weakest(["achieved", "too_early"]) == "too_early"
    assert weakest([]) == "no_data"


def test_progress_is_clamped_and_weighed_and_silence_is_left_out_of_the_mean_only():
    statuses = pl.DataFrame(
        {"status": ["achieved", "off_track", "no_data"], "progress": [1.8, 0.2, None], "weight": [1, 3, 1]}
    )
    rolled = roll_up(statuses, weight="weight").row(0, named=True)
    assert rolled["mean_progress"] == pytest.approx((1.0 + 0.6) / 4)
    assert (rolled["key_results"], rolled["with_progress"], rolled["no_data"]) == (3, 2, 1)


def test_nothing_rolls_up_to_no_data():
    empty = pl.DataFrame({"status": [], "progress": []}, schema={"status": pl.String, "progress": pl.Float64})
    assert roll_up(empty).select("weakest_status", "mean_progress", "key_results").row(0) == ("no_data", None, 0)


def test_unknown_labels_and_missing_columns_are_refused():
    with pytest.raises(ConfigurationError, match="greenish"):
        roll_up(pl.DataFrame({"status": ["greenish"], "progress": [0.1]}))
    with pytest.raises(MissingColumnError, match="progress"):
        roll_up(pl.DataFrame({"status": ["on_track"]}))


def test_the_most_important_key_result_is_the_one_the_others_depend_on():
    weights = {"signup": 1, "activation": 1, "retention": 5}
    assert most_important(weights, [("retention", "activation"), ("activation", "signup")])[0] == "signup"
    assert most_important(weights, [("retention", "elsewhere")])[0] == "retention"
    assert most_important({"b": 1, "a": 1})[0] == "a"


def test_a_circle_of_dependence_is_refused():
    with pytest.raises(UnusableInputError, match="a, b"):
        most_important({"a": 1, "b": 1, "c": 1}, [("a", "b"), ("b", "a")])
    with pytest.raises(UnusableInputError, match="none"):
        most_important({})
