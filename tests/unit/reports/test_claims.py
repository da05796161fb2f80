from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py.reports.claims import number_claims, sentences


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("it is 69.8%", "69.8", "percent"),
        ("it is 69.8 percent", "69.8", "percent"),
        ("up 5.2 pp", "5.2", "pp"),
        ("up 5.2 percentage points", "5.2", "pp"),
        ("ARR is $9.6M", "9600000.0", "usd"),
        ("ARR is $9,565,884", "9565884", "usd"),
        ("ARR is 9.6 million dollars", "9600000.0", "usd"),
        ("it took 45 days", "45", "days"),
        ("the 30-day window", "30", "days"),
        ("NPS is −3.1", "-3.1", ""),
        ("NPS is -3.1", "-3.1", ""),
        ("NPS moved by +3.1", "3.1", ""),
        ("1,234 rows", "1234", ""),
        ("twenty-one of them", "21", ""),
        ("two hundred rows", "200", ""),
        ("seven weeks", "7", "weeks"),
    ],
)
def test_a_number_is_read_with_its_sign_scale_and_unit(text: str, value: str, unit: str) -> None:
    (claim,) = number_claims(text)
    assert (claim.value, claim.unit) == (Decimal(value), unit)
    assert text[claim.start : claim.end] == claim.text


@pytest.mark.parametrize(
    "text",
    [
        "31 January 2026",
        "31 Jan 2026",
        "January 31, 2026",
        "the 31st of January 2026",
        "2026-01-31",
        "2026-01-31T06:00:00Z",
    ],
)
def test_a_date_is_one_claim_however_it_is_written(text: str) -> None:
    (claim,) = number_claims(text)
    assert (claim.kind, claim.day) == ("date", date(2026, 1, 31))


def test_a_day_without_its_year_says_so() -> None:
    (claim,) = number_claims("by 9 February")
    assert not claim.has_year
    assert claim.day is not None
    assert (claim.day.month, claim.day.day) == (2, 9)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Q3 2025", "2025Q3"),
        ("2025Q3", "2025Q3"),
        ("2025-Q3", "2025Q3"),
        ("H2 2025", "2025H2"),
        ("in Q3", "Q3"),
        ("December 2025", "2025-12"),
        ("in 2025", "2025"),
    ],
)
def test_a_period_is_one_claim(text: str, period: str) -> None:
    (claim,) = number_claims(text)
    assert (claim.kind, claim.period) == ("period", period)


@pytest.mark.parametrize(
    "text",
    [
        "the P90 of CIRCT",
        "kr-2 and f000-00015",
        "v1.2.0",
        "see https://example.com/42",
        "theo7@cxt.example",
        "1. First of all",
        "<!-- 42 -->",
        "one of them",
        "the generation 794e998e91d66a36",
    ],
)
def test_names_that_hold_digits_are_no_claims(text: str) -> None:
    assert number_claims(text) == []


def test_a_range_is_two_positive_numbers() -> None:
    assert [claim.value for claim in number_claims("between 4-6 and 4–6")] == [4, 6, 4, 6]


@settings(deadline=None, derandomize=True)
@given(st.decimals(min_value=-999_999, max_value=999_999, places=1), st.sampled_from(["", "%", " pp", " days"]))
def test_every_written_number_is_found_again(value: Decimal, unit: str) -> None:
    (claim,) = number_claims(f"It came to {value:,}{unit}.")
    assert claim.value == value
    assert claim.step == Decimal("0.1")


@settings(deadline=None, derandomize=True)
@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2090, 1, 1)))
def test_every_written_date_is_found_again(day: date) -> None:
    (claim,) = number_claims(f"It was read on {day.day} {day:%B %Y}, at last.")
    assert claim.day == day


def test_sentences_end_at_stops_and_lines_but_not_inside_numbers() -> None:
    text = "NPS is 12.3. It fell by 0.5 points.\n| a | 1.5 |\n- ARR is up"
    assert [text[start:end] for start, end in sentences(text)] == [
        "NPS is 12.3.",
        "It fell by 0.5 points.",
        "| a | 1.5 |",
        "- ARR is up",
    ]


def test_a_month_written_in_figures_is_a_period_and_no_number() -> None:
    found = [(claim.text, claim.kind, claim.period) for claim in number_claims("In 2025-01 ARR was $8m.")]
    assert found[0] == ("2025-01", "period", "2025-01")
    assert [kind for _, kind, _ in found] == ["period", "number"]
