"""The pages of a large company: 10,000 features and 200 product managers."""

import time
from pathlib import Path

import pytest

from metrics_py.scoreboard import render
from tests.unit.scoreboard.company import company_tables, publish_tables

pytestmark = pytest.mark.nightly

SQUADS = {f"squad-{squad:02d}": [f"First{squad} Family{person}" for person in range(10)] for squad in range(20)}


def test_ten_thousand_features_and_two_hundred_people_are_drawn_in_a_minute_on_small_pages(tmp_path: Path) -> None:
    tables = company_tables(SQUADS, features_each=50)
    assert (tables["dim_features"].height, tables["dim_people"].height) == (10_000, 200)
    published = publish_tables(tmp_path / "published", tables)
    started = time.perf_counter()
    report = render(published, tmp_path / "site")
    assert time.perf_counter() - started < 60
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "site").rglob("*.html")}
    assert len(sizes) == report.page_count > 220
    assert max(sizes.values()) < 300_000, max(sizes, key=lambda name: sizes[name])
