"""The CSV files beside the pages hold `metric_values` whole, and the pages show its numbers, rounded for display.

A long table of a page is cut and links to the CSV file, which is why that one is compared row by row.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics_py.scoreboard import address, words
from tests.e2e.conftest import Company

GRAINS = {"arr": "month", "nps": "wave", "ddqs": "quarter", "ploar": "quarter", "circt": "day"}
# A table that is cut shows at least this many rows.
SHOWN_ROWS = 10
SHOWN = re.compile(r"(?P<sign>−?)\$?(?P<digits>[\d,]+(?:\.\d+)?)(?P<scale>[KM]?)(?P<share>%?)(?: days)?")


class Tables(HTMLParser):
    """Tables of a page by caption: rows of cell texts, without what stands small beside a value."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._caption = ""
        self._text: list[str] | None = None
        self._small = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("caption", "td", "th"):
            self._text = []
        elif tag == "small":
            self._small += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "small":
            self._small -= 1
        elif tag == "table":
            self.tables.setdefault(self._caption, self._rows[1:])
        elif tag in ("caption", "td", "th") and self._text is not None:
            text = " ".join("".join(self._text).split())
            if tag == "caption":
                self._caption = text
            else:
                self._rows[-1].append(text)
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._small:
            self._text.append(data)


def tables_of(page: Path) -> dict[str, list[list[str]]]:
    """Rows below the heading of each table of a page, by caption."""
    parser = Tables()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.tables


def assert_shows(text: str, value: float | None, where: str) -> None:
    """That a text is the value, to the decimals it is shown with; no number where there is none."""
    if value is None:
        assert not any(letter.isdigit() for letter in text), f"{where}: {text!r} where there is no value"
        return
    found = SHOWN.fullmatch(text)
    assert found, f"{where}: {text!r} is no value"
    digits = found["digits"].replace(",", "")
    unit = {"K": 1e3, "M": 1e6, "": 1.0}[found["scale"]] / (100 if found["share"] else 1)
    number = float(digits) * unit * (-1 if found["sign"] else 1)
    decimals = len(digits.partition(".")[2])
    assert abs(number - value) <= 0.5 * 10**-decimals * unit * (1 + 1e-9), f"{where}: {text} for {value}"


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
