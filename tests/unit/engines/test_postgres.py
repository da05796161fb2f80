"""PostgreSQL as an engine, on a server of its own."""

from pathlib import Path

import polars as pl
import pytest

from metrics_py.engines import open_engine
from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.land import land
from tests.e2e.parity import postgres
from tests.unit.engines.frames import FRAME

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        yield running


@pytest.fixture
def engine(server, tmp_path):
    opened = open_engine("postgres", tmp_path)
    opened.drop_schema("scratch")
    yield opened
    opened.close()


def test_a_frame_comes_back_as_it_was_written(engine):
    engine.write("scratch.t", FRAME)
    expected = FRAME.with_columns(pl.col("unsigned").cast(pl.Int64), pl.col("nothing").cast(pl.Int32))
    assert engine.read("scratch.t", where="true").equals(expected)
    assert engine.read("scratch.t").schema == expected.schema


def test_writing_replaces_the_table_and_its_columns(engine):
    engine.write("scratch.t", FRAME)
    engine.write("scratch.t", pl.DataFrame({"n": [1, 2]}))
    assert engine.read("scratch.t", where="n > 1").to_dicts() == [{"n": 2}]


def test_a_write_that_fails_leaves_the_table_that_was_there(engine):
    engine.write("scratch.t", pl.DataFrame({"text": ["kept"]}))
    with pytest.raises(WarehouseError):
        engine.write("scratch.t", pl.DataFrame({"text": ["null character \0"]}))
    assert engine.read("scratch.t")["text"].to_list() == ["kept"]


def test_a_column_of_lists_is_refused_by_name(engine):
    with pytest.raises(WarehouseError, match=r"column tags is List\(String\), which PostgreSQL has no like of"):
        engine.write("scratch.t", pl.DataFrame({"tags": [["a"]]}))


def test_a_large_table_comes_in_parts(engine):
    engine.keep("scratch.t", "select n, repeat('long ', 20) as text from generate_series(1, 600000) as s(n)")
    parts = list(engine.parts("scratch.t"))
    assert max(part.height for part in parts) < 300_000
    assert pl.concat(parts)["n"].n_unique() == 600_000


def test_a_table_that_is_not_there_is_named(engine):
    with pytest.raises(WarehouseError, match=r"PostgreSQL has no table scratch\.none"):
        engine.read("scratch.none")


def test_a_sum_of_unknown_scale_is_refused_by_name(engine):
    engine.keep("scratch.sums", "select sum(n) as total from (values (1::bigint)) as numbers (n)")
    with pytest.raises(WarehouseError, match="column total is numeric without precision and scale"):
        engine.read("scratch.sums")


def test_two_builds_in_one_database_do_not_meet(engine, tmp_path):
    (tmp_path / "extracts").mkdir()
    land(tmp_path / "extracts", tmp_path / "w.duckdb", project=PROJECT)
    engine.load_raw(tmp_path / "w.duckdb", lambda done, total, table: None)
    other = open_engine("postgres", tmp_path)
    with pytest.raises(WarehouseError, match="another command is building in this PostgreSQL database"):
        other.load_raw(tmp_path / "w.duckdb", lambda done, total, table: None)
    engine.close()
    other.load_raw(tmp_path / "w.duckdb", lambda done, total, table: None)
    other.close()


def test_a_server_that_does_not_answer_is_told_with_the_variables_that_name_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PGHOST", str(tmp_path))
    with pytest.raises(WarehouseError, match=r"PostgreSQL could not be reached.*PGHOST"):
        open_engine("postgres", tmp_path)


def test_a_database_that_knows_ascii_letters_alone_is_refused(server, tmp_path, monkeypatch):
    server.create_database("ascii", "--template=template0", "--locale-provider=libc", "--locale=C")
    monkeypatch.setenv("PGDATABASE", "ascii")
    with pytest.raises(ConfigurationError, match=r"locale_provider builtin builtin_locale 'C\.UTF-8'"):
        open_engine("postgres", tmp_path)
