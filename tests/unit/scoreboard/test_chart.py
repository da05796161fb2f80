import re
from dataclasses import replace
from datetime import date, timedelta

from metrics_py.scoreboard.chart import trend
from metrics_py.scoreboard.line import sparkline
from metrics_py.scoreboard.series import Series, describe

DAYS = [date(2025, 1, 1) + timedelta(days=day) for day in range(6)]
SERIES = Series("CIRCT", "days", "at most", DAYS, [60.0, 58.0, None, 50.0, 47.0, 44.0], [45.0] * 6)


def line_of(drawn: str) -> str:
    found = re.search(r'<path d="([^"]*)"[^>]*stroke="var\(--ink\)"', drawn)
    assert found, drawn
    return found.group(1)


def test_a_missing_value_is_a_gap_in_the_line() -> None:
    assert line_of(sparkline(SERIES, status="winning")).count("M") == 2
    whole = replace(SERIES, values=[60.0, 58.0, 54.0, 50.0, 47.0, 44.0])
    assert line_of(sparkline(whole, status="winning")).count("M") == 1


def test_nothing_to_draw_draws_nothing() -> None:
    assert sparkline(replace(SERIES, values=[None] * 6), status="no_data") == ""
    assert describe(replace(SERIES, values=[None] * 6)) == "CIRCT: no value yet"


def test_a_chart_is_one_named_picture_in_the_pages_colours() -> None:
    drawn = trend([SERIES], status="losing", width=300)
    assert re.findall(r' (?:role|aria-label)="[^"]*"', drawn) == [
        ' role="img"',
        f' aria-label="{describe(SERIES)}"',
    ]
    assert 'fill="var(--losing)"' in drawn
    assert set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+|[a-z]+)"', drawn)) <= {"none", "transparent"}
    assert "http" not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_a_name_with_markup_is_text() -> None:
    drawn = sparkline(replace(SERIES, label='<script>"x"</script>'), status="losing")
    assert "<script" not in drawn


def test_a_calendar_day_is_drawn_on_that_day_wherever_it_is_drawn() -> None:
    new_year = replace(
        SERIES, days=[date(2024 + year, 1, 1) for year in range(3)], values=[50.0, 48.0, 46.0], targets=[45.0] * 3
    )
    labels = re.findall(r">([A-Z][a-z]{2} \d{4})<", trend([new_year], status="losing", width=1000))
    assert labels[0] == "Jan 2024"
    assert "Jan 2026" in labels


def test_a_reach_goal_is_drawn_against_its_line_with_each_value_at_the_end_of_its_period() -> None:
    months = [date(2025, month, 1) for month in (1, 2, 3)]
    ends = [date(2025, month, 1) for month in (2, 3, 4)]
    line = [(date(2025, 1, 1), 8.0), (date(2025, 7, 1), 10.0)]
    series = Series("ARR", "usd", "at least", months, [8.0, 8.5, 9.0], [10.0] * 3, path=line, ends=ends)
    drawn = sparkline(series, status="winning", width=230, height=60)
    asked = re.search(r'<path d="([^"]*)"[^>]*stroke-dasharray', drawn)
    assert asked
    # From the left edge to the right one, from the bottom to the top; a flat target would have no second point.
    assert asked.group(1) == "M5 55L225 5"
    # The last value stands at the beginning of April: 90 of 181 days from the left.
    last = re.findall(r'<circle cx="([^"]*)" cy="([^"]*)" r="4.4"', drawn)
    assert last == [("114.4", "30")]
    assert "var(--winning-wash)" not in trend([series], status="winning", width=300)
    assert 'stroke-dasharray="6,4"' in trend([series], status="winning", width=300)


def test_some_points_of_a_series_keep_what_belongs_to_them() -> None:
    series = replace(SERIES, lows=[1.0] * 6, ends=[day + timedelta(days=1) for day in DAYS])
    kept = series.every(slice(1, None, 2))
    assert (len(kept.days), len(kept.values), len(kept.targets), len(kept.lows), len(kept.ends)) == (3, 3, 3, 3, 3)
    assert kept.highs == ()
    assert kept.places[0] == DAYS[2]
