import pytest

from metrics_py.errors import OutOfRangeError, UnusableInputError
from metrics_py.okr.formula import are_redundant, pushes, read_formula, value_at, zero_exposure


def passes(formula, direction, **settings):
    return zero_exposure(read_formula(formula), direction=direction, **settings).passes


def test_no_lost_deals_is_won_when_every_user_cancelled():
    answer = zero_exposure(read_formula("count(lost_deals)"), direction="down", target=0)
    assert (answer.passes, answer.value) == (False, 0)


def test_counts_that_fall_fail_and_counts_that_rise_pass():
    assert passes("tickets", "down", target=400) is False
    assert passes("tickets", "down") is False
    assert passes("count(orders) + count(renewals)", "up", target=400) is True


def test_a_rate_passes_with_a_minimum_exposure_and_cannot_tell_without_one():
    assert passes("tickets / active_accounts", "down", target=0.2, minimum_exposure=200) is True
    assert passes("tickets / active_accounts", "down", target=0.2) is None
    assert passes("tickets / active_accounts", "down", target=0.2, minimum_exposure=0) is None
    assert passes("share(activated, invited)", "up", target=0.7) is None
    assert passes("median(hours)", "down", target=4) is None


def test_a_rate_that_hides_its_empty_denominator_is_caught():
    assert passes("tickets / (active_accounts + 1)", "down", target=0.2) is False
    assert passes("100 - 100 * tickets / (active_accounts + 1)", "up", target=90) is False
    assert passes("activated / (invited + 1)", "up", target=0.7) is True


def test_formulas_are_read_and_never_run():
    for text in (
        "__import__('os').remove('x')",
        "a if b else c",
        "a ** b",
        "a.b",
        "count(a, b)",
        "lambda: 1",
        "",
        "a b",
    ):
        with pytest.raises(UnusableInputError, match="formula"):
            read_formula(text)


def test_values_follow_arithmetic():
    counts = {"churned": 5.0, "customers": 100.0}
    assert value_at(read_formula("1 - churned / customers"), counts) == 0.95
    assert value_at(read_formula("-(churned - 2 * customers)"), counts) == 195
    assert value_at(read_formula("share(churned, customers)"), counts) == 0.05
    assert value_at(read_formula("p90(churned)"), counts) == 5


@pytest.mark.parametrize(
    ("one", "other", "redundant"),
    [
        ("1 - churned / customers", "churned / customers", True),
        ("activated / invited", "100 * activated / invited", True),
        ("activated / invited", "share(activated, invited)", True),
        ("activated / invited", "activated / signed_up", False),
        ("activated / invited", "invited / activated", False),
        ("activated + invited", "activated - invited", False),
        ("p90(hours)", "median(hours)", False),
        ("3", "3", False),
    ],
)
def test_two_formulas_are_redundant_when_one_fixes_the_other(one, other, redundant):
    assert are_redundant(read_formula(one), read_formula(other)) is redundant


def test_what_a_rate_divides_by_is_not_pushed():
    assert pushes(read_formula("share(reports, active)"), "down") == {"reports": "down"}
    assert pushes(read_formula("kept - lost"), "up") == {"kept": "up", "lost": "down"}


def test_a_direction_is_up_or_down():
    with pytest.raises(OutOfRangeError, match="sideways"):
        zero_exposure(read_formula("a"), direction="sideways")
