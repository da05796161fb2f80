from datetime import date

import polars as pl
import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.publish.trace_choice import (
    Span,
    choose_metric,
    choose_period,
    choose_person,
    choose_squad,
    read_span,
)

# A fiscal year that starts in July: its first quarter is the calendar's third.
DATES = pl.DataFrame(
    {
        "fiscal_quarter": ["2026Q1", "2026Q2", "2026Q3"],
        "quarter_start": [date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1)],
        "quarter_end": [date(2025, 10, 1), date(2026, 1, 1), date(2026, 4, 1)],
    }
)
PEOPLE = pl.DataFrame(
    {"person_id": ["ana.silva@cxt.example", "ben@cxt.example"], "display_name": ["Ana Silva", "Ben Okafor"]}
)


def periods(kind: str, *spans: tuple[date, date]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "period_kind": [kind] * len(spans),
            "period_start": [start for start, _ in spans],
            "period_end": [end for _, end in spans],
        }
    )


MONTHS = periods("month", *((date(2025, month, 1), date(2025, month + 1, 1)) for month in range(1, 12)))
QUARTERS = periods("quarter", (date(2025, 4, 1), date(2025, 7, 1)), (date(2025, 7, 1), date(2025, 10, 1)))
HALF = periods("goal_period", (date(2025, 7, 1), date(2026, 1, 1)))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025-12-31", date(2025, 12, 31), date(2026, 1, 1)),
        ("2025-12", date(2025, 12, 1), date(2026, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2026Q2", date(2025, 10, 1), date(2026, 1, 1)),
        ("2026-q2", date(2025, 10, 1), date(2026, 1, 1)),
        ("Q2 2026", date(2025, 10, 1), date(2026, 1, 1)),
        ("2026H1", date(2025, 7, 1), date(2026, 1, 1)),
        ("2025-07-01..2025-12-31", date(2025, 7, 1), date(2026, 1, 1)),
    ],
)
def test_a_period_is_read_as_people_write_it(text: str, start: date, end: date) -> None:
    assert read_span(text, DATES) == Span(text, start, end)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2025-02-30", "no such day"),
        ("2025-13", "no such day"),
        ("2031Q1", "2026Q1 to 2026Q3"),
        ("2026H2", "2026Q1 to 2026Q3"),
        ("last week", "like 2025-12-31"),
        ("2025", "like 2025-12-31"),
    ],
)
def test_other_words_are_refused_with_the_way_to_write_it(text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_span(text, DATES)


def span(start: date, end: date) -> Span:
    return Span("then", start, end)


def test_a_quarter_of_a_monthly_metric_is_its_last_month() -> None:
    assert choose_period(span(date(2025, 7, 1), date(2025, 10, 1)), MONTHS) == ("month", date(2025, 9, 1))


def test_a_day_of_a_quarterly_metric_is_the_quarter_that_holds_it() -> None:
    assert choose_period(span(date(2025, 9, 30), date(2025, 10, 1)), QUARTERS) == ("quarter", date(2025, 7, 1))


def test_a_half_is_a_goal_period_only_where_it_is_one() -> None:
    both = pl.concat([QUARTERS, HALF])
    assert choose_period(span(date(2025, 7, 1), date(2026, 1, 1)), both) == ("goal_period", date(2025, 7, 1))
    assert choose_period(span(date(2025, 4, 1), date(2025, 10, 1)), both) == ("quarter", date(2025, 7, 1))


def test_without_a_period_the_newest_counts_and_never_a_goal_period() -> None:
    late_goal = periods("goal_period", (date(2026, 1, 1), date(2026, 7, 1)))
    assert choose_period(None, pl.concat([QUARTERS, late_goal])) == ("quarter", date(2025, 7, 1))


def test_days_without_a_value_are_refused_with_the_days_there_are() -> None:
    with pytest.raises(ConfigurationError, match="there are 2 quarters from 2025-04-01 to 2025-09-30"):
        choose_period(span(date(2025, 1, 1), date(2025, 1, 2)), QUARTERS)


def test_people_are_found_by_address_or_name_whatever_the_capitals() -> None:
    assert choose_person("Ana.Silva@CXT.example ", PEOPLE) == "ana.silva@cxt.example"
    assert choose_person("ben okafor", PEOPLE) == "ben@cxt.example"


def test_a_misspelt_name_is_answered_with_the_nearest_and_all_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean ana\.silva@cxt\.example\? There are: ana\..*, ben@"):
        choose_person("ana.silv@cxt.example", PEOPLE)


def test_a_long_list_is_cut_and_says_so() -> None:
    with pytest.raises(ConfigurationError, match=r"squad-11 and 8 more$"):
        choose_squad("zzz", [f"squad-{number:02}" for number in range(20)])


def test_a_metric_is_found_by_its_name() -> None:
    cards = pl.DataFrame({"metric_id": ["ddqs"], "name": ["Discovery Score"]})
    assert choose_metric("discovery score", cards) == "ddqs"
