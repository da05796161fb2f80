"""Spark as an engine, in a session of its own."""

from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from metrics_py.engines import open_engine
from metrics_py.errors import WarehouseError
from metrics_py.land import land
from tests.unit.engines.frames import FRAME

pytestmark = pytest.mark.skipif(
    find_spec("pyspark") is None,
    reason="pyspark is not installed; `make engine-spark` makes an environment that has it",
)
ROOT = Path(__file__).resolve().parents[3]
NOTES = "raw_productboard.notes"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    opened = open_engine("spark", tmp_path_factory.mktemp("spark"))
    yield opened
    opened.close()


@pytest.fixture
def scratch(engine):
    yield engine
    engine.drop_schema("scratch")


def test_a_frame_comes_back_as_it_was_written(scratch):
    scratch.write("scratch.t", FRAME)
    expected = FRAME.with_columns(pl.col("unsigned").cast(pl.Int64), pl.col("nothing").cast(pl.Int32))
    found = scratch.read("scratch.t", where="true")
    assert found.schema == expected.schema
    assert found.sort("whole").equals(expected.sort("whole"))


def test_writing_replaces_the_table_and_its_columns(scratch):
    scratch.write("scratch.t", FRAME)
    scratch.write("scratch.t", pl.DataFrame({"n": [1, 2]}))
    assert scratch.read("scratch.t", where="n > 1").to_dicts() == [{"n": 2}]


def test_a_table_without_rows_keeps_its_columns(scratch):
    scratch.keep("scratch.t", "select cast(1 as bigint) as n, timestamp'2025-01-01' as at where false")
    assert scratch.read("scratch.t").schema == {"n": pl.Int64, "at": pl.Datetime("us")}


def test_a_large_table_comes_in_parts(scratch):
    scratch.keep("scratch.t", "select id as n, cast(id as string) as text from range(600000)")
    parts = list(scratch.parts("scratch.t"))
    assert max(part.height for part in parts) <= 300_000
    assert pl.concat(parts)["n"].n_unique() == 600_000


def test_a_table_that_is_not_there_is_named(engine):
    with pytest.raises(WarehouseError, match=r"scratch\.none could not be read: no such table"):
        engine.read("scratch.none")


def test_a_query_that_fails_leaves_the_table_that_was_there(scratch):
    scratch.write("scratch.t", pl.DataFrame({"text": ["kept"]}))
    with pytest.raises(WarehouseError, match=r"scratch\.t could not be written"):
        scratch.keep("scratch.t", "select no_such_column from scratch.t")
    assert scratch.read("scratch.t")["text"].to_list() == ["kept"]


def test_what_lands_later_is_added_once_though_a_load_was_interrupted(engine, tmp_path):
    store = tmp_path / "warehouse.duckdb"
    _land(tmp_path, store, "2025-03-03T060000Z", "n-1")
    engine.load_raw(store, lambda done, total, table: None)
    marks = engine.read("raw.loaded_tables")
    _land(tmp_path, store, "2025-03-10T060000Z", "n-1", "n-2")
    for _ in range(2):
        engine.load_raw(store, lambda done, total, table: None)
        assert sorted(engine.read(NOTES)["id"]) == ["n-1", "n-2"]
        # As if the load had been killed before it noted down what it had loaded.
        engine.write("raw.loaded_tables", marks)


def _land(folder, store, time, *notes):
    file = folder / "extracts" / "productboard" / "notes" / f"{time}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("id,type\n" + "".join(f"{note},simple\n" for note in notes))
    land(folder / "extracts", store, project=ROOT)
