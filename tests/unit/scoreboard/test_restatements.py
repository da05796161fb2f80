import re
from collections.abc import Callable
from pathlib import Path

import polars as pl

from metrics_py.scoreboard import render

Tables = dict[str, pl.DataFrame]
Publish = Callable[..., Path]


def changed(tables: Tables, publish_frames: Publish, tmp_path: Path, metric_id: str = "ploar") -> str:
    """The section of a metric's page on what changed, as text; empty where it has none."""
    render(publish_frames(tables), tmp_path / "site")
    page = (tmp_path / "site" / "metrics" / f"{metric_id}.html").read_text(encoding="utf-8")
    found = re.search(r'<section id="changed".*?</section>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.group())) if found else ""


def test_a_metrics_page_says_what_changed_and_why_the_largest_reason_first(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    text = changed(tables, publish_frames, tmp_path)
    assert "2 values changed since the publish as of Saturday 24 January 2026, 06:00 UTC" in text
    assert "1 of them only in verdict or target" in text
    assert "changed target (1), corrected row (1), late row (1)" in text
    company, person = text.index("Headline value, Q3 2025 company"), text.index("Headline value, Q3 2025 Ana Silva")
    assert company < person
    row = text[company:person]
    assert "80.0% Winning" in row
    assert "70.0% Losing" in row
    assert "F00002 was &lt;corrected&gt;. A reading of f00001 came late." in row


def test_a_period_that_had_no_value_before_is_not_a_change(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    text = changed(tables, publish_frames, tmp_path)
    assert "the period is new" not in text.lower()
    assert "Q1 2026" not in text
    csv = pl.read_csv(tmp_path / "site" / "csv" / "ploar-changes.csv")
    assert csv["cause"].to_list() == ["late_row", "corrected_row", "changed_target"]


def test_a_metric_whose_values_stayed_says_so(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    assert "No value that was published before has changed." in changed(tables, publish_frames, tmp_path, "arr")


def test_of_an_earlier_publish_nothing_is_said(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    tables["metric_value_history"] = pl.DataFrame({"publish_number": [1, 2, 3]})
    assert "No value that was published before has changed." in changed(tables, publish_frames, tmp_path)


def test_the_first_publish_says_that_nothing_can_have_changed(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    tables["metric_value_history"] = pl.DataFrame({"publish_number": [1]})
    assert "This is the first publish" in changed(tables, publish_frames, tmp_path)


def test_without_a_history_there_is_no_such_section(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    del tables["metric_restatements"], tables["metric_value_history"]
    assert changed(tables, publish_frames, tmp_path) == ""
