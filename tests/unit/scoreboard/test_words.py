from datetime import date

import pytest

from metrics_py.scoreboard.words import ANSWERS, STATUS_WORDS, period_text, weakest


def test_every_status_has_an_answer() -> None:
    assert list(ANSWERS) == list(STATUS_WORDS)


def test_only_winning_everywhere_is_winning() -> None:
    assert weakest(["winning", "winning"]) == "winning"
    for status in STATUS_WORDS:
        assert weakest(["winning", status, "winning"]) == status


def test_a_status_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="amber"):
        weakest(["winning", "amber"])


@pytest.mark.parametrize(
    ("kind", "start", "end", "text"),
    [
        ("day", date(2026, 1, 31), date(2026, 2, 1), "31 Jan 2026"),
        ("month", date(2025, 12, 1), date(2026, 1, 1), "December 2025"),
        ("quarter", date(2025, 10, 1), date(2026, 1, 1), "Q4 2025"),
        ("quarter", date(2025, 11, 1), date(2026, 2, 1), "1 Nov 2025 to 31 Jan 2026"),
        ("goal_period", date(2025, 7, 1), date(2026, 1, 1), "H2 2025"),
        ("goal_period", date(2025, 1, 1), date(2026, 7, 1), "1 Jan 2025 to 30 Jun 2026"),
        ("wave", date(2025, 11, 3), date(2025, 12, 1), "3 Nov 2025 to 30 Nov 2025"),
    ],
)
def test_a_period_goes_by_the_name_people_use_for_it(kind: str, start: date, end: date, text: str) -> None:
    assert period_text(kind, start, end) == text
