import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_py.spreadsheet import harmless, harmless_cell

SIGNS = "=+-@＝＋－＠"


@pytest.mark.parametrize("start", [*SIGNS, "\t", "\r", "\n", " =", "\ufeff=", "\u202e@", "\u200b \u200b+"])
def test_a_text_that_a_spreadsheet_would_run_is_neutralised(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert harmless(pl.DataFrame({"name": [text]}))["name"].to_list() == [f"'{text}"]


@pytest.mark.parametrize("text", ["-7", "+43 660 123", "3.5", "a=b", "n-1", "", "'=1"])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(pl.DataFrame({"name": [text]}))["name"].to_list() == [text]


@given(st.lists(st.text(), max_size=20))
def test_no_cell_starts_like_a_formula_and_nothing_else_is_changed(texts: list[str]) -> None:
    written = harmless(pl.DataFrame({"name": texts}, schema={"name": pl.String})).write_csv()
    cells = [row[0] if row else "" for row in csv.reader(io.StringIO(written, newline=""))][1:]
    assert len(cells) == len(texts)
    for cell, text in zip(cells, texts, strict=True):
        assert cell in (text, f"'{text}")
        assert cell == harmless_cell(text)
        is_number = cell.replace(" ", "").replace(".", "").lstrip("+-").isascii() and any(c.isdigit() for c in cell[:2])
        assert cell.strip()[:1] not in SIGNS or not cell.strip() or is_number


def test_every_csv_for_people_is_written_harmless() -> None:
    # Extracts are written to be landed and a registry to be read at once; an apostrophe would change what they say.
    package = Path(__file__).parents[2] / "metrics_py"
    writers = {
        path.relative_to(package).as_posix(): path.read_text(encoding="utf-8")
        for path in package.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in (".write_csv(", "csv.writer(", "csv.DictWriter("))
    }
    exempt = {"sample/vendors/files.py", "sample/vendors/spoiling.py", "assistant/checks.py"}
    assert {name for name, text in writers.items() if "metrics_py.spreadsheet" not in text} == exempt
