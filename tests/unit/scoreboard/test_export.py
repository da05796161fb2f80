from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from metrics_py.scoreboard import render
from metrics_py.scoreboard.export import harmless

Tables = dict[str, pl.DataFrame]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_neutralised(start: str) -> None:
    assert harmless(pl.DataFrame({"name": [f"{start}cmd|' /C calc'!A0"]}))["name"][0].startswith(f"'{start}")


def test_numbers_dates_and_other_texts_stay_as_they_are() -> None:
    frame = pl.DataFrame({"gap": [-1.5], "name": ["a=b"], "empty": [None]}, schema_overrides={"empty": pl.String})
    assert harmless(frame).equals(frame)


def test_the_csv_of_a_metric_holds_its_values_as_published(
    tables: Tables, publish_frames: Callable[..., Path], tmp_path: Path
) -> None:
    render(publish_frames(tables), tmp_path / "site")
    for metric_id in ("arr", "nps", "ddqs", "ploar", "circt"):
        published = tables["metric_values"].filter(pl.col("metric_id") == metric_id)
        exported = pl.read_csv(tmp_path / "site" / "csv" / f"{metric_id}.csv", schema=published.schema)
        assert exported.equals(published)
