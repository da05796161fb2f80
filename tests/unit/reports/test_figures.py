from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.reports.claims import number_claims
from metrics_py.reports.figures import chance, change, crosses, distance, exact, figure, percent, signed

UNITS = ["share", "score", "nps", "days", "minutes", "usd", "count", "%", "pp"]
values = st.floats(min_value=-1e7, max_value=1e7, allow_nan=False).map(lambda value: float(f"{value:.9g}"))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.6976, "share", "69.8%"),
        (0.7, "share", "70%"),
        (64.0, "%", "64%"),
        (6.25, "score", "6.2"),
        (6.35, "score", "6.4"),
        (1.0, "days", "1 day"),
        (0.98, "days", "1.0 days"),
        (9_149_999.0, "usd", "$9.1M"),
        (-9_149_999.0, "usd", "-$9.1M"),
        (999_960.0, "usd", "$1.0M"),
        (13.4, "count", "13.4"),
        (1234.0, "count", "1,234"),
        (-0.04, "nps", "0.0"),
    ],
)
def test_a_figure_has_one_decimal_unless_it_is_exact(value: float, unit: str, text: str) -> None:
    assert figure(value, unit) == text


def test_a_rounding_does_not_reach_a_target_that_was_missed() -> None:
    assert figure(69.76, "%", against=[70.0]) == "69.8%"
    assert figure(69.97, "%", against=[70.0]) == "69.97%"
    assert figure(0.89996, "share", against=[0.9]) == "89.996%"
    assert figure(9_999_600, "usd", against=[10_000_000]) == "$9.9996M"


def test_a_probability_that_is_not_certain_is_not_shown_as_certain() -> None:
    assert (chance(1e-12), chance(1 - 1e-12), chance(0.0), chance(1.0)) == (
        "less than 0.1%",
        "more than 99.9%",
        "0%",
        "100%",
    )


def test_small_differences_are_said_to_be_small() -> None:
    assert distance(0.0003, "share") == "less than 0.1 pp"
    assert signed(-0.0003, "share") == "down less than 0.1 pp"
    assert change(-0.0931, "minutes") == "-0.093 minutes"


@settings(deadline=None, derandomize=True)
@given(values, st.sampled_from(UNITS), values)
def test_no_rounding_crosses_a_threshold(value: float, unit: str, threshold: float) -> None:
    (claim,) = number_claims(figure(value, unit, against=[threshold]))
    factor = 100 if unit == "share" else 1
    assert claim.value is not None
    assert not crosses(exact(value) * factor, claim.value, exact(threshold) * factor)


@settings(deadline=None, derandomize=True)
@given(values, st.sampled_from(UNITS))
def test_a_figure_is_one_claim_that_agrees_with_its_value(value: float, unit: str) -> None:
    (claim,) = number_claims(figure(value, unit))
    assert claim.agrees_with(value * (100 if unit == "share" else 1))


@settings(deadline=None, derandomize=True)
@given(st.floats(min_value=0, max_value=1))
def test_a_percentage_never_has_more_decimals_than_it_needs(share: float) -> None:
    (claim,) = number_claims(percent(share))
    assert claim.step in (Decimal(1), Decimal("0.1"))
