import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import WarehouseError
from metrics_py.scoreboard import render
from tests.unit.scoreboard.company import verdict

Tables = dict[str, pl.DataFrame]
Publish = Callable[..., Path]


def page_of(tables: Tables, publish_frames: Publish, tmp_path: Path, **run: object) -> str:
    return render(publish_frames(tables, **run), tmp_path / "site").index.read_text(encoding="utf-8")


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_the_same_snapshot_gives_the_same_page(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    assert page_of(tables, publish_frames, tmp_path) == page_of(tables, publish_frames, tmp_path)


def test_the_page_refers_to_nothing_outside_itself(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page = page_of(tables, publish_frames, tmp_path)
    assert re.findall(r'(?:src|href|action)="([^"#][^"]*)"', page) == ["data:,"]
    assert "url(" not in page
    assert "@import" not in page


def test_texts_from_the_data_are_texts_on_the_page(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    attack = '"><script>alert(1)</script>'
    tables["dim_people"] = tables["dim_people"].with_columns(display_name=pl.lit(attack))
    tables["scoreboard"] = tables["scoreboard"].with_columns(status_reason=pl.lit(attack))
    tables["dim_metrics"] = tables["dim_metrics"].with_columns(name=pl.lit(attack), question=pl.lit(attack))
    tables["fct_integrity_violations"] = tables["fct_integrity_violations"].with_columns(
        sentence=pl.lit(attack), what_to_do=pl.lit(attack), evidence=pl.lit(attack)
    )
    page = page_of(tables, publish_frames, tmp_path, quarantined=[{"source": attack, "table": "t", "rows": 1}])
    assert page.count("<script>") == 1
    assert page.count("alert(1)") > 10


def test_no_data_is_a_word_and_never_zero_or_winning(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    empty = verdict("ddqs", "no_data", None, previous_value=None, periods_held=0, periods_evaluated=0)
    tables["scoreboard"] = pl.DataFrame([empty], infer_schema_length=None).cast(
        {name: kind for name, kind in tables["scoreboard"].schema.items() if name in empty}
    )
    tables["metric_values"] = tables["metric_values"].clear()
    page = page_of(tables, publish_frames, tmp_path)
    board = text_of(page[page.index("<main") : page.index("Can these numbers")])
    assert "No data" in board
    assert "No value" in board
    assert "because no feature shipped" in board
    assert "Winning" not in board
    assert not re.search(r"(?<![\d.])0(\.0)?(?![\d.])", board)


def test_unknown_trouble_is_said_to_be_unknown(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    text = text_of(page_of(tables, publish_frames, tmp_path, quarantined=None, failed_tests=None))
    assert "Nobody knows how many records could not be read." in text
    assert "It is not known whether the data tests passed." in text


def test_absent_trouble_is_said_to_be_absent(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    tables["fct_integrity_violations"] = tables["fct_integrity_violations"].clear()
    text = text_of(page_of(tables, publish_frames, tmp_path, quarantined=[]))
    assert "No violation of a rule that must hold, 0 warnings" in text
    assert "Every record could be read." in text
    assert "All data tests passed." in text


def test_two_hundred_product_managers_fit_in_three_hundred_kilobytes(
    tables: Tables, publish_frames: Publish, tmp_path: Path
) -> None:
    people = [f"first{number}.family-name{number}@cxt.example" for number in range(200)]
    statuses = [("winning", 6.4), ("losing", 5.1), ("no_data", None)]
    rows = [
        verdict(metric, statuses[place % 3][0], statuses[place % 3][1], org_level="person", person_id=person)
        for place, person in enumerate(people)
        for metric in ("ddqs", "ploar", "circt")
    ]
    many = pl.DataFrame(rows, schema=tables["scoreboard"].schema)
    tables["scoreboard"] = pl.concat([tables["scoreboard"], many])
    page = page_of(tables, publish_frames, tmp_path)
    assert page.count('class="person"') == 212
    assert len(page.encode()) < 300_000


def test_nothing_half_written_is_left_beside_the_page(tables: Tables, publish_frames: Publish, tmp_path: Path) -> None:
    page_of(tables, publish_frames, tmp_path)
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]


def test_without_a_snapshot_there_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="run `metrics-py publish` first"):
        render(tmp_path / "published", tmp_path / "site")
    assert not (tmp_path / "site").exists()
