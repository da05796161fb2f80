import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.errors import UnusableInputError
from metrics_py.okr.consistency import check_statement, read_statement, refuse_contradictions


def wrong_parts(text, **record):
    return {found.part: found.right for found in check_statement(text, **record)}


def test_three_points_gained_and_seven_to_go_are_six_and_eight():
    assert wrong_parts("64, a 3pp improvement, +7pp remaining", baseline=58, target=72) == {"gain": 6, "remaining": 8}
    assert wrong_parts("58 -> 64, a 3pp improvement, 7pp remaining to 72") == {"gain": 6, "remaining": 8}


def test_the_refusal_names_both_right_numbers():
    with pytest.raises(UnusableInputError, match=r"it is 6 \(58 to 64\).*it is 8 \(64 to 72\)"):
        refuse_contradictions("64, a 3pp improvement, +7pp remaining", baseline=58, target=72)


@pytest.mark.parametrize(
    "text",
    [
        "64, a 6pp improvement, 8pp remaining",
        "58% → 64%, up 6 points, 8 to go",
        "from 58 to 64; 8pp left to target of 72",
        "now at 64, target 72",
        "58 -> 72",
        "We talked to 10 customers about the 2 new flows.",
        "",
    ],
)
def test_sentences_that_agree_with_the_record_pass(text):
    assert check_statement(text, baseline=58, current=64, target=72) == ()


def test_a_stated_value_that_is_not_the_recorded_one_is_named():
    assert wrong_parts("55 -> 65, target of 70", baseline=58, current=64, target=72) == {
        "baseline": 58,
        "current": 64,
        "target": 72,
    }


def test_a_number_counts_as_rounded_to_the_digits_it_is_written_with():
    record = {"baseline": 58, "current": 64.43, "target": 72}
    assert wrong_parts("up 6.4, 7.6 to go", **record) == {}
    assert wrong_parts("up 6, 8 to go", **record) == {}
    assert wrong_parts("up 6.5", **record) == {"gain": pytest.approx(6.43)}


def test_where_lower_is_better_a_fall_is_the_gain():
    record = {"baseline": 20, "current": 15, "target": 10}
    assert wrong_parts("20 -> 15, a 5 point improvement, 5 to go", **record) == {}
    assert wrong_parts("down 5, 5 remaining", **record) == {}
    assert wrong_parts("-5 improvement", **record) == {}
    assert wrong_parts("up 5", **record) == {"gain": -5}
    assert wrong_parts("a 7 point reduction", **record) == {"gain": 5}


def test_a_percentage_may_be_relative():
    assert wrong_parts("a 25% reduction", baseline=20, current=15, target=10) == {}
    assert wrong_parts("a 30% reduction", baseline=20, current=15, target=10) == {"gain": 5}


def test_thousands_and_currency_are_read():
    said = read_statement("$8,000,000 -> $9,450,000.50, target of $10,000,000")
    assert (said.baseline.value, said.current.value, said.target.value) == (8_000_000, 9_450_000.5, 10_000_000)


@given(baseline=st.integers(0, 100), current=st.integers(0, 100), target=st.integers(0, 100), off=st.integers(-5, 5))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_only_the_wrong_gain_is_found(baseline, current, target, off):
    towards = -1 if target < baseline else 1
    gain = towards * (current - baseline)
    text = f"{baseline} -> {current}, a {gain + off}pp improvement, {towards * (target - current)}pp remaining"
    signs_are_read_both_ways = gain + off < 0 and gain + off == current - baseline
    expected = {} if off == 0 or signs_are_read_both_ways else {"gain": gain}
    assert wrong_parts(text, baseline=baseline, current=current, target=target) == expected
