import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import polars as pl

from metrics_py.scoreboard import render

Tables = dict[str, pl.DataFrame]
Publish = Callable[..., Path]


def rows_of(page: Path) -> list[str]:
    """Rows of the table of raw extracts, as texts, in order."""
    content = page.read_text(encoding="utf-8")
    found = re.search(r"Newest extract of each raw table</caption>.*?<tbody>(.*?)</tbody>", content, re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", found.group(1), re.DOTALL) if found else []
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", row))).strip() for row in rows]


def test_each_raw_table_is_told_with_its_age_and_the_stale_one_comes_first(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    render(publish_frames(tables), tmp_path / "site")
    page = tmp_path / "site" / "data.html"
    counts = "2,962 205,663 in 12 extracts 3"
    assert rows_of(page) == [
        f"survey.survey_responses Stale 23 Sep 2025, 06:00 UTC 130 changes only; its source may be 100 {counts}",
        f"jira.issue Fresh 23 Jan 2026, 06:00 UTC 8 changes only; its source may be 31 {counts}",
        f"productboard.notes Fresh 31 Jan 2026, 06:00 UTC 0 may be 8 {counts}",
    ]
    assert "1 of 3 tables older than the source promises" in page.read_text(encoding="utf-8")


def test_a_snapshot_that_tells_nothing_of_its_extracts_still_has_its_page(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    del tables["extract_freshness"]
    render(publish_frames(tables), tmp_path / "site")
    assert rows_of(tmp_path / "site" / "data.html") == []


def test_the_page_of_the_checks_is_linked_where_there_is_one(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    published, site = publish_frames(tables), tmp_path / "site"
    render(published, site)
    assert "checks.html" not in (site / "data.html").read_text(encoding="utf-8")
    (site / "checks.html").write_text("<h1>Checks</h1>")
    render(published, site)
    assert '<a href="checks.html">' in (site / "data.html").read_text(encoding="utf-8")
    assert (site / "checks.html").read_text() == "<h1>Checks</h1>"
