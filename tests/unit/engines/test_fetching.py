"""Public tables come home in bounded memory, all of them or none."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from metrics_py.engines import open_engine
from metrics_py.engines.fetching import fetch_public_tables
from metrics_py.errors import WarehouseError
from tests.e2e.parity import postgres

PROJECT = Path(__file__).parents[3]
TABLES = ("one", "two", "three")
ROWS = 150_000
MANIFEST = {
    "nodes": {
        name: {
            "resource_type": "model",
            "access": "public",
            "fqn": ["p", "marts", name],
            "alias": name,
            "schema": "marts",
            "columns": {},
        }
        for name in TABLES
    }
}
CHILD = """
import sys
from pathlib import Path
from metrics_py.engines import open_engine
from metrics_py.engines.fetching import fetch_public_tables
from tests.peak_memory import peak_megabytes
from tests.unit.engines.test_fetching import MANIFEST
fetch_public_tables(open_engine("postgres", Path(sys.argv[1])), Path(sys.argv[1], "home.duckdb"), manifest=MANIFEST)
print(peak_megabytes())
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with postgres():
        opened = open_engine("postgres", tmp_path_factory.mktemp("engine"))
        yield opened
        opened.close()


@pytest.fixture
def built(engine):
    for name in TABLES:
        # No two texts alike, so that no engine keeps them small: 800 bytes a row, 120 MB a table.
        text = "(select string_agg(md5(n::varchar || part::varchar), '') from generate_series(1, 25) as parts(part))"
        engine.keep(f"marts.{name}", f"select n, {text} as text from generate_series(1, {ROWS}) as rows(n)")
    yield engine
    engine.drop_schema("marts")


def test_tables_larger_than_the_memory_come_home_whole(built, tmp_path, monkeypatch):
    monkeypatch.setenv("METRICS_MEMORY", "100MB")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < 550
    with duckdb.connect(str(tmp_path / "home.duckdb"), read_only=True) as connection:
        for name in TABLES:
            counted = connection.execute(f"select count(distinct n), sum(strlen(text)) from marts.{name}").fetchall()
            assert counted == [(ROWS, ROWS * 800)]


def test_a_table_that_is_missing_leaves_all_that_was_there(engine, tmp_path):
    engine.keep("marts.one", "select 2 as n")
    home = tmp_path / "home.duckdb"
    with duckdb.connect(str(home)) as connection:
        connection.execute("create schema marts; create table marts.one as select 1 as n")
    with pytest.raises(WarehouseError, match=r"PostgreSQL has no table marts\.three"):
        fetch_public_tables(engine, home, manifest=MANIFEST)
    with duckdb.connect(str(home), read_only=True) as connection:
        assert connection.execute("from marts.one").fetchall() == [(1,)]
    engine.drop_schema("marts")
