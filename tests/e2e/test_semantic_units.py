"""The pages of squads, product managers and quarters show the numbers of the CSV files, for each unit and quarter."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from metrics_py.scoreboard import address, words
from tests.e2e.conftest import Company
from tests.e2e.page_tables import assert_shows, tables_of

METRICS = ("arr", "nps", "ddqs", "ploar", "circt")
TILE = re.compile(r'<article class="tile[^>]* id="([a-z]+)".*?<p class="value">(.*?)</p>', re.DOTALL)

POOLED = re.compile(
    r'<article class="tile[^>]* id="([a-z]+)"(?:(?!</article>).)*? overall</dt><dd>[^\n]*</span></span>([^\n]*?)</dd>',
    re.S,
)


class Unit(NamedTuple):
    """A squad, a person or the company, with its page."""

    level: str
    identifier: str
    name: str
    page: Path


class Quarter(NamedTuple):
    """A quarter that has values."""

    label: str
    start: date
    end: date


@pytest.fixture(scope="module")
def built(company: Callable[..., Company]) -> Company:
    return company(1)


@pytest.fixture(scope="module")
def exported(built: Company) -> pl.DataFrame:
    """Every value in the CSV files of the site, which hold metric_values unrounded."""
    files = [built.project / "site" / address.metric_csv(metric_id) for metric_id in METRICS]
    columns = ["metric_id", "reading", "org_level", "org_unit_id", "period_kind", "period_start", "value", "target"]
    texts = pl.concat([pl.read_csv(file, infer_schema=False).select(columns) for file in files])
    return texts.with_columns(pl.col("period_start").str.to_date(), pl.col("value", "target").cast(pl.Float64)).filter(
        pl.col("period_kind") != "goal_period"
    )


@pytest.fixture(scope="module")
def quarters(built: Company) -> list[Quarter]:
    spans = built.table("metric_values").filter(org_level="company", period_kind="quarter")
    spans = spans.select("period_start", "period_end").unique().sort("period_start")
    return [Quarter(words.period_text("quarter", start, end), start, end) for start, end in spans.rows()]


@pytest.fixture(scope="module")
def units(built: Company) -> list[Unit]:
    people = dict(built.table("dim_people").select("person_id", "display_name").rows())
    found = built.table("metric_values").filter(pl.col("org_level") != "company")
    rows = found.select("org_level", "org_unit_id").unique().sort(pl.all()).rows()
    place = {"squad": address.squad_page, "person": address.person_page}
    site = built.project / "site"
    return [
        Unit(level, unit, people.get(unit, unit) if level == "person" else unit, site / place[level](unit))
        for level, unit in rows
    ]


@pytest.fixture(scope="module")
def cards(built: Company) -> Mapping[str, str]:
    """Headline reading of each metric."""
    return dict(built.table("dim_metrics").select("metric_id", "headline_reading").rows())


def at_the_end(exported: pl.DataFrame, level: str, unit: str, quarter: Quarter) -> dict[tuple[str, str], float | None]:
    """The last value of every reading of a unit that falls in a quarter."""
    of_unit = exported.filter(
        pl.col("org_level") == level,
        pl.col("org_unit_id") == unit,
        pl.col("period_start") >= quarter.start,
        pl.col("period_start") < quarter.end,
    )
    last = of_unit.sort("period_start").group_by("metric_id", "reading", maintain_order=True).last()
    return {(metric, reading): value for metric, reading, value in last.select("metric_id", "reading", "value").rows()}


def readings_of(rows: list[list[str]], cards: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Metric and reading of each row of a quarter's table, with the value it shows."""
    for name, _, shown, *_ in rows:
        if name.lower() in cards:
            yield (name.lower(), cards[name.lower()]), shown
        else:
            # The other reading that the metric is judged by stands by its name.
            (reading,) = [key for key, word in words.READING_WORDS.items() if word == name]
            yield ("circt", reading), shown


def assert_panel(
    rows: list[list[str]], expected: dict[tuple[str, str], float | None], cards: Mapping[str, str], where: str
) -> None:
    """That a quarter's table holds every headline of the unit, each with the value of the quarter's end."""
    shown = dict(readings_of(rows, cards))
    judged = {key for key in expected if key[1] == cards[key[0]]}
    assert judged <= set(shown) <= set(expected), where
    for key, text in shown.items():
        assert_shows(text, expected[key], f"{where} {key}")


def test_every_squad_and_person_shows_its_value_at_the_end_of_every_quarter(
    units: list[Unit], quarters: list[Quarter], exported: pl.DataFrame, cards: Mapping[str, str]
) -> None:
    assert {unit.level for unit in units} == {"squad", "person"}
    assert len(units) >= 16
    for unit in units:
        tables = tables_of(unit.page)
        for quarter in quarters:
            expected = at_the_end(exported, unit.level, unit.identifier, quarter)
            rows = tables.get(f"Measures in {quarter.label}", [])
            assert_panel(rows, expected, cards, f"{unit.name}, {quarter.label}")


def test_every_tile_of_a_squad_and_person_shows_the_value_it_is_judged_by(
    built: Company, units: list[Unit], exported: pl.DataFrame
) -> None:
    board = built.table("scoreboard").filter(pl.col("org_level") != "company")
    for unit in units:
        tiles = dict(TILE.findall(unit.page.read_text(encoding="utf-8")))
        judged = board.filter(org_level=unit.level, org_unit_id=unit.identifier)
        assert set(tiles) == set(judged["metric_id"]), unit.name
        for metric, reading, kind, start in judged.select("metric_id", "reading", "period_kind", "period_start").rows():
            row = exported.filter(
                metric_id=metric,
                reading=reading,
                org_level=unit.level,
                org_unit_id=unit.identifier,
                period_kind=kind,
                period_start=start,
            )
            value = row["value"].item() if row.height else None
            text = re.sub(r"<[^>]*>", "", tiles[metric]).replace("\xa0", " ").strip()
            assert_shows(text, value, f"{unit.name}, {metric}")


def test_every_tile_shows_the_value_of_the_goals_own_period(built: Company, units: list[Unit]) -> None:
    values = built.table("metric_values").filter(period_kind="goal_period")
    board = built.table("scoreboard").filter(pl.col("goal_period_status").is_not_null())
    company = Unit("company", "company", "Company", built.project / "site" / "index.html")
    for unit in [company, *units]:
        tiles = dict(POOLED.findall(unit.page.read_text(encoding="utf-8")))
        judged = board.filter(org_level=unit.level, org_unit_id=unit.identifier)
        assert set(tiles) == set(judged["metric_id"]), unit.name
        for metric, reading, start in judged.select("metric_id", "reading", "goal_period_start").rows():
            row = values.filter(
                metric_id=metric, reading=reading, org_level=unit.level, org_unit_id=unit.identifier, period_start=start
            )
            text = tiles[metric].replace("\xa0", " ").partition(", n ")[0].strip()
            value = row["value"].item() if row.height else None
            assert_shows("" if text.startswith("n ") else text, value, f"{unit.name}, {metric}")


def test_every_quarter_shows_the_company_and_every_unit_at_its_end(
    built: Company, units: list[Unit], quarters: list[Quarter], exported: pl.DataFrame, cards: Mapping[str, str]
) -> None:
    assert len(quarters) >= 6
    names = {unit.name: unit for unit in units}
    for quarter in quarters:
        tables = tables_of(built.project / "site" / address.quarter_page(quarter.label))
        company = at_the_end(exported, "company", "company", quarter)
        assert_panel(tables[f"Measures in {quarter.label}"], company, cards, quarter.label)
        rows = tables[f"Squads and product managers in {quarter.label}"]
        assert {row[0] for row in rows} >= {"Company", *names}
        for name, *cells in rows:
            if name != "Company" and name not in names:
                assert not any(any(letter.isdigit() for letter in cell) for cell in cells), name
                continue
            level, identifier = ("company", "company") if name == "Company" else names[name][:2]
            expected = at_the_end(exported, level, identifier, quarter)
            for metric, cell in zip(("circt", "ddqs", "ploar"), cells, strict=True):
                assert_shows(cell, expected.get((metric, cards[metric])), f"{quarter.label}, {name}, {metric}")


def test_the_company_board_shows_every_unit_as_the_scoreboard_does(built: Company, units: list[Unit]) -> None:
    (rows,) = [
        rows
        for caption, rows in tables_of(built.project / "site" / "index.html").items()
        if "by squad and product manager" in caption
    ]
    values = {
        (unit, metric): value
        for unit, metric, value in built.table("scoreboard").select("org_unit_id", "metric_id", "value").rows()
    }
    names = {unit.name: unit.identifier for unit in units}
    seen = 0
    for name, *cells in rows:
        if name not in names:
            continue
        for metric, cell in zip(("circt", "ddqs", "ploar"), cells, strict=True):
            value = values.get((names[name], metric))
            assert_shows(cell, value, f"{name}, {metric}")
            seen += value is not None
    assert seen >= 16
