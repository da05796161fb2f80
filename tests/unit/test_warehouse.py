import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.warehouse import Warehouse, connect, in_memory


def test_a_written_frame_reads_back_equal(tmp_path: Path) -> None:
    frame = pl.DataFrame({"person_id": ["ana", None], "value": [1.5, None]})
    with Warehouse(tmp_path / "w.duckdb", read_only=False) as warehouse:
        warehouse.write("metrics.values", frame)
        assert warehouse.read("metrics.values").equals(frame)


def test_writing_replaces_the_rows_that_were_there(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb", read_only=False) as warehouse:
        warehouse.write("metrics.values", pl.DataFrame({"n": [1, 2, 3]}))
        warehouse.write("metrics.values", pl.DataFrame({"n": [4]}))
        assert warehouse.read("metrics.values")["n"].to_list() == [4]


def test_a_missing_warehouse_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"no warehouse at .*absent\.duckdb; run `metrics-py build`"):
        connect(tmp_path / "absent.duckdb", read_only=True)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with (
        Warehouse(tmp_path / "w.duckdb", read_only=False) as warehouse,
        pytest.raises(WarehouseError, match=r"has no table marts\.fct_insights"),
    ):
        warehouse.read("marts.fct_insights")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_text("not a database" * 500)
    with pytest.raises(WarehouseError, match="everything in it comes from the extracts"):
        connect(path)
    assert path.read_text().startswith("not a database")


def test_a_file_held_by_another_process_names_the_holder(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(path)!r}); print('held', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(WarehouseError, match=f"held by another process.*{holder.pid}"):
            connect(path)
    finally:
        holder.communicate("\n", timeout=20)


def test_memory_is_limited_to_what_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_MEMORY", "512MiB")
    with in_memory() as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchall() == [("512.0 MiB",)]


@pytest.mark.parametrize("limit", ["much", "4", "-1GB", "4GB'; drop table x; --"])
def test_a_limit_of_memory_that_is_no_size_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setenv("METRICS_MEMORY", limit)
    with pytest.raises(ConfigurationError, match="METRICS_MEMORY must be a size such as 4GB"):
        in_memory()
