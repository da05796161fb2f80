from datetime import date, timedelta

import polars as pl
import pytest

from metrics_py.errors import OutOfRangeError, UnusableInputError
from metrics_py.what_if import WhatIf, next_friday, what_if

TODAY = date(2026, 1, 30)


def insights(*rows: tuple[str, str, int, int | None]) -> pl.DataFrame:
    """Rows of (id, state, days before today it started, days before today it was resolved)."""
    return pl.DataFrame(
        [
            {
                "insight_id": name,
                "state": state,
                "started_on": TODAY - timedelta(days=started),
                "resolved_on": None if resolved is None else TODAY - timedelta(days=resolved),
                "cycle_days": None if resolved is None else started - resolved,
            }
            for name, state, started, resolved in rows
        ],
        schema_overrides={"resolved_on": pl.Date, "cycle_days": pl.Int64},
    )


def asked(frame: pl.DataFrame, launch: list[str], on: date = TODAY) -> WhatIf:
    return what_if(frame, launch=launch, on=on, today=TODAY, window_days=90, percentile=0.9, limit_days=45)


def test_an_old_insight_that_launches_raises_the_percentile_and_lowers_what_is_overdue() -> None:
    frame = insights(*((f"r{i}", "resolved", 50, 20) for i in range(9)), ("old", "open", 200, None))
    answer = asked(frame, ["old"])
    assert (answer.today.p90_launched, answer.today.overdue) == (30, 1)
    assert (answer.launching.p90_launched, answer.launching.overdue) == (30, 0)
    more = asked(insights(("r", "resolved", 50, 20), ("old", "open", 200, None)), ["old"])
    assert more.launching.p90_launched == 200


def test_waiting_costs_even_when_nothing_launches() -> None:
    frame = insights(("gone", "resolved", 120, 85), ("waits", "open", 44, None))
    later = asked(frame, ["waits"], TODAY + timedelta(days=10)).without
    assert later.launched == 0
    assert later.p90_launched is None
    assert later.overdue == 1


def test_an_insight_on_its_45th_day_still_counts_as_within() -> None:
    frame = insights(("exact", "open", 45, None), ("late", "open", 46, None))
    answer = asked(frame, ["exact", "late"])
    assert answer.cycle_days == {"exact": 45, "late": 46}
    assert (answer.launching.started, answer.launching.share_within) == (2, 0.5)
    assert answer.today.share_within == 0.0
    assert answer.today.overdue == 1


def test_left_censored_and_excluded_insights_are_no_part_of_it() -> None:
    frame = insights(("r", "resolved", 50, 20), ("c", "left_censored", 300, 10), ("x", "excluded", 300, None))
    answer = asked(frame, [])
    assert (answer.today.launched, answer.today.p90_launched, answer.today.overdue) == (1, 30, 0)


def test_with_open_counts_those_still_waiting() -> None:
    frame = insights(
        *((f"r{i}", "resolved", 50, 20) for i in range(8)), *((f"o{i}", "open", 40, None) for i in range(2))
    )
    answer = asked(frame, ["o0", "o1"])
    assert answer.today.p90_with_open is None
    assert answer.launching.p90_with_open == 40


@pytest.mark.parametrize(
    ("launch", "words"),
    [(["nobody"], "no insight nobody"), (["done"], "only an open insight can launch; done is resolved")],
)
def test_only_open_insights_can_launch(launch: list[str], words: str) -> None:
    with pytest.raises(UnusableInputError, match=words):
        asked(insights(("done", "resolved", 30, 2)), launch)


def test_the_past_cannot_be_asked() -> None:
    with pytest.raises(OutOfRangeError, match="must not lie before 2026-01-30"):
        asked(insights(("o", "open", 3, None)), ["o"], TODAY - timedelta(days=1))


def test_next_friday_is_never_today() -> None:
    assert [next_friday(date(2026, 1, 29) + timedelta(days=d)).isoformat() for d in range(3)] == [
        "2026-01-30",
        "2026-02-06",
        "2026-02-06",
    ]
