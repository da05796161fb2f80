"""The CSV files beside the pages hold `metric_values` whole, and the pages show its numbers, rounded for display.

A long table of a page is cut and links to the CSV file, which is why that one is compared row by row.
"""

from collections.abc import Callable
from datetime import date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics_py.scoreboard import address, words
from tests.e2e.conftest import Company
from tests.e2e.page_tables import assert_shows, tables_of

GRAINS = {"arr": "month", "nps": "wave", "ddqs": "quarter", "ploar": "quarter", "circt": "day"}
# A table that is cut shows at least this many rows.
SHOWN_ROWS = 10


def company_rows(built: Company, metric_id: str) -> pl.DataFrame:
    is_wanted = (
        (pl.col("metric_id") == metric_id)
        & (pl.col("org_level") == "company")
        & (pl.col("period_kind") == GRAINS[metric_id])
    )
    return built.table("metric_values").filter(is_wanted)


def metric_tables(built: Company, metric_id: str) -> dict[str, list[list[str]]]:
    return tables_of(built.project / "site" / address.metric_page(metric_id))


@pytest.mark.parametrize("metric_id", list(GRAINS))
def test_the_csv_holds_every_row_of_metric_values_unrounded(company: Callable[..., Company], metric_id: str) -> None:
    built = company(1)
    published = built.table("metric_values").filter(pl.col("metric_id") == metric_id)
    exported = pl.read_csv(built.project / "site" / address.metric_csv(metric_id), infer_schema=False)
    assert published.height > 0
    assert exported.columns == published.columns
    numbers = pl.col([name for name, kind in published.schema.items() if kind.is_numeric()]).cast(pl.Float64)
    assert_frame_equal(exported.select(numbers), published.select(numbers), check_exact=True)
    keys = ["metric_id", "reading", "org_level", "org_unit_id", "period_kind", "period_start", "period_end", "status"]
    assert_frame_equal(exported.select(keys), published.select(pl.col(keys).cast(pl.String)))


@pytest.mark.parametrize("metric_id", list(GRAINS))
def test_a_metrics_page_shows_the_value_of_every_period(company: Callable[..., Company], metric_id: str) -> None:
    built = company(1)
    published = company_rows(built, metric_id)
    readings = {f"{words.reading_word(reading)} over time": reading for reading in published["reading"].unique()}
    shown = {caption: rows for caption, rows in metric_tables(built, metric_id).items() if caption in readings}
    assert shown, "no table over time on the page"
    for caption, rows in shown.items():
        of_reading = published.filter(pl.col("reading") == readings[caption])
        by_start: dict[date, float | None] = dict(of_reading.select("period_start", "value").rows())
        first = min(start for start, value in by_start.items() if value is not None)
        starts = [datetime.strptime(row[0], "%d %b %Y").date() for row in rows]
        expected = sorted((start for start in by_start if start >= first), reverse=True)
        assert starts == expected[: len(starts)], caption
        assert len(starts) >= min(len(expected), SHOWN_ROWS), caption
        for start, row in zip(starts, rows, strict=True):
            assert_shows(row[1], by_start[start], f"{caption}, {start}")


@pytest.mark.parametrize("metric_id", list(GRAINS))
def test_a_metrics_page_shows_the_newest_value_of_every_reading(
    company: Callable[..., Company], metric_id: str
) -> None:
    built = company(1)
    rows = metric_tables(built, metric_id)["Readings at the newest period"]
    newest = company_rows(built, metric_id).sort("period_start").group_by("reading").last()
    values = {words.reading_word(reading): value for reading, value in newest.select("reading", "value").rows()}
    assert sorted(row[0] for row in rows) == sorted(values)
    for name, _, shown, *_ in rows:
        assert_shows(shown, values[name], name)


@pytest.mark.parametrize("metric_id", ["ddqs", "ploar", "circt"])
def test_a_metrics_page_shows_the_value_of_every_squad_and_person(
    company: Callable[..., Company], metric_id: str
) -> None:
    built = company(1)
    rows = metric_tables(built, metric_id)["Squads and product managers"]
    people = dict(built.table("dim_people").select("person_id", "display_name").rows())
    board = built.table("scoreboard").filter(pl.col("metric_id") == metric_id, pl.col("org_level") != "company")
    values = {people.get(unit, unit): value for unit, value in board.select("org_unit_id", "value").rows()}
    assert len(values) >= len(rows) >= SHOWN_ROWS
    for who, _, shown, *_ in rows:
        assert_shows(shown, values[who], who)
