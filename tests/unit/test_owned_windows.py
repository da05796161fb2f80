from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics_py._curves import age_at_quantile
from metrics_py._owned_windows import of_owned_windows
from metrics_py.survival import km_quantile, rolling_km_quantile

FIRST = date(2025, 1, 1)
LAST = 40
WINDOW = 12


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


@st.composite
def items(draw: st.DrawFn) -> list[tuple[int, int | None, str, str, int]]:
    """Started, resolved (or None), holder while open, holder later, day on which it changes hands."""
    found = []
    for _ in range(draw(st.integers(1, 12))):
        started = draw(st.integers(0, LAST))
        resolved = draw(st.none() | st.integers(started, LAST))
        change = draw(st.integers(started, LAST))
        found.append((started, resolved, draw(st.sampled_from("ab")), draw(st.sampled_from("ab")), change))
    return found


def _frames(
    rows: list[tuple[int, int | None, str, str, int]], at_launch: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    closed = [
        (unit, _day(start), _day(end), 1)
        for (start, end, *_), unit in zip(rows, at_launch, strict=True)
        if end is not None
    ]
    held = []
    for start, end, first, second, change in rows:
        until = LAST + 1 if end is None else end
        for unit, begin, stop in ((first, start, min(change, until)), (second, max(change, start), until)):
            if begin < stop:
                held.append((unit, _day(start), _day(begin), _day(stop), 1))
    return (
        pl.DataFrame(closed, ["org_unit", "started_on", "resolved_on", "insight_count"], orient="row").cast(
            {"org_unit": pl.String, "started_on": pl.Date, "resolved_on": pl.Date, "insight_count": pl.Int64}
        ),
        pl.DataFrame(held, ["org_unit", "started_on", "from_on", "until_on", "insight_count"], orient="row").cast(
            {
                "org_unit": pl.String,
                "started_on": pl.Date,
                "from_on": pl.Date,
                "until_on": pl.Date,
                "insight_count": pl.Int64,
            }
        ),
    )


def _answers(closed: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    parts = of_owned_windows(closed, held, window_days=WINDOW, start=FIRST, end=_day(LAST))
    return pl.concat([age_at_quantile(part, 0.5, 0.95).drop("curve") for part in parts])


@settings(max_examples=60, deadline=None)
@given(rows=items())
def test_items_that_never_move_give_the_plain_rolling_quantile(rows):
    rows = [(start, end, first, first, change) for start, end, first, _, change in rows]
    ours = _answers(*_frames(rows, [first for _, _, first, _, _ in rows]))
    frame = pl.DataFrame(
        [(first, _day(start), None if end is None else _day(end)) for start, end, first, _, _ in rows],
        {"org_unit": pl.String, "opened": pl.Date, "closed": pl.Date},
        orient="row",
    )
    plain = rolling_km_quantile(
        frame,
        opened="opened",
        closed="closed",
        by="org_unit",
        window_days=WINDOW,
        quantile=0.5,
        start=FIRST,
        end=_day(LAST),
    )
    columns = ["org_unit", "day", "n", "events", "value", "ci_low", "ci_high", "reached"]
    assert ours.select(columns).sort("org_unit", "day").equals(plain.select(columns))


@settings(max_examples=60, deadline=None)
@given(rows=items(), data=st.data())
def test_each_window_holds_the_items_the_unit_has_on_its_last_day(rows, data):
    at_launch = [data.draw(st.sampled_from("ab")) for _ in rows]
    ours = _answers(*_frames(rows, at_launch))
    day = data.draw(st.integers(0, LAST))
    for unit in ours["org_unit"].unique():
        watched = []
        for (start, end, first, second, change), launched_with in zip(rows, at_launch, strict=True):
            closed = end is not None and end <= day
            holder = launched_with if closed else (first if day < change else second)
            exit_day = end if closed else day
            if start > day or holder != unit or exit_day < day + 1 - WINDOW:
                continue
            entry = day + 1 - WINDOW - start - 1
            watched.append((exit_day - start, int(closed), entry if entry >= 0 else None))
        row = ours.filter((pl.col("org_unit") == unit) & (pl.col("day") == _day(day))).row(0, named=True)
        assert row["n"] == len(watched)
        if watched:
            frame = pl.DataFrame(watched, {"time": pl.Int64, "event": pl.Int64, "entry": pl.Int64}, orient="row")
            naive = km_quantile(frame, time="time", event="event", entry="entry", quantile=0.5).row(0, named=True)
            assert row["value"] == naive["value"]
            assert row["events"] == naive["events"]
            assert row["ci_low"] == pytest.approx(naive["ci_low"])
