"""Kills and readers: a snapshot is the old one or the new one, never a mix."""

import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from metrics_py.errors import WarehouseError
from metrics_py.publish import publish
from metrics_py.publish.generation import current_generation

BuildWarehouse = Callable[..., Path]


def build_numbers(folder: Path) -> set[int]:
    """The builds that the files below a folder come from."""
    with duckdb.connect(folder / "product_metrics.duckdb", read_only=True) as connection:
        found = connection.execute("""
            select build_number from marts.fct_insights union select build_number from metrics.metric_values
        """).fetchall()
    frames = [pl.read_parquet(folder / f"parquet/{name}.parquet") for name in ("fct_insights", "metric_values")]
    return {number for (number,) in found} | {number for frame in frames for number in frame["build_number"]}


def test_publishing_the_same_again_changes_nothing(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    assert publish(warehouse(), published, manifest=manifest).is_changed
    before = (published / "product_metrics.duckdb").stat()
    assert not publish(warehouse(), published, manifest=manifest).is_changed
    after = (published / "product_metrics.duckdb").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_previous_generation_stays_for_running_readers_and_older_ones_go(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    generations = []
    for build in (1, 2, 3):
        publish(warehouse(build=build), published, manifest=manifest)
        generations.append(current_generation(published))
    assert [folder.is_dir() for folder in generations] == [False, True, True]
    assert build_numbers(generations[1]) == {2}
    assert build_numbers(published) == {3}


def test_going_back_to_the_previous_snapshot_uses_it_again(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    for build in (1, 2, 1):
        report = publish(warehouse(build=build), published, manifest=manifest)
        assert report.is_changed
        assert build_numbers(published) == {build}


def test_a_folder_without_a_snapshot_says_so(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="holds no published snapshot"):
        current_generation(tmp_path)


PUBLISHER = """
import json, pathlib, sys
from metrics_py.publish import publish
print("ready", flush=True)
publish(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), manifest=json.loads(sys.argv[3]))
"""


def test_a_kill_at_any_moment_leaves_the_old_snapshot_or_the_new_one(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    path = warehouse(build=1)
    started = time.monotonic()
    publish(path, published, manifest=manifest)
    duration = time.monotonic() - started
    path = warehouse(build=2)
    was_killed = []
    for step in range(10):
        publisher = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, path, published, json.dumps(manifest)], stdout=subprocess.PIPE
        )
        assert publisher.stdout is not None
        assert publisher.stdout.readline() == b"ready\n"
        time.sleep(duration * step / 9)
        publisher.kill()
        was_killed.append(publisher.wait() != 0)
        publisher.stdout.close()
        assert build_numbers(published) in ({1}, {2})
    assert any(was_killed)
    publish(path, published, manifest=manifest)
    assert build_numbers(published) == {2}
    assert not list((published / "generations").glob(".unfinished*"))


READER = """
import pathlib, sys, time
import duckdb, polars as pl
published, reads = pathlib.Path(sys.argv[1]), int(sys.argv[2])
seen = set()
for read in range(reads):
    with duckdb.connect(published / "product_metrics.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "select count(*), min(build_number), max(build_number) from marts.fct_insights"
        ).fetchall()
        values = connection.execute("select distinct build_number from metrics.metric_values").fetchall()
    assert rows == [(20000, values[0][0], values[0][0])] and len(values) == 1, (rows, values)
    for frame in (
        pl.read_parquet(published / "parquet/fct_insights.parquet"),
        pl.DataFrame(duckdb.sql(f"from '{published}/parquet/fct_insights.parquet'").pl()),
    ):
        assert frame.height == 20000 and frame["build_number"].n_unique() == 1, frame
    seen.add(values[0][0])
print(len(seen))
"""


def test_readers_in_other_processes_see_whole_snapshots_only(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    publish(warehouse(build=1, insights=20000), published, manifest=manifest)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, published, "50"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    build = 1
    while any(reader.poll() is None for reader in readers):
        build += 1
        publish(warehouse(build=build, insights=20000), published, manifest=manifest)
    for reader in readers:
        output, errors = reader.communicate()
        assert reader.returncode == 0, errors
        assert int(output) > 1, "the reader never met a swap, so this proved nothing"


@pytest.mark.slow
def test_duckdb_1_4_reads_the_snapshot(warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path) -> None:
    published = tmp_path / "published"
    publish(warehouse(), published, manifest=manifest)
    old = tmp_path / "old-client"
    venv.create(old, with_pip=True)
    install = subprocess.run(
        [old / "bin/python", "-m", "pip", "install", "--quiet", "duckdb==1.4.4"], capture_output=True, text=True
    )
    if install.returncode != 0:
        pytest.skip(f"duckdb 1.4.4 could not be installed: {install.stderr[-300:]}")
    query = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=True);"
        "print(duckdb.__version__, connection.execute('select count(*) from marts.fct_insights').fetchall(),"
        "connection.execute(\"select comment from duckdb_tables() where table_name = 'fct_insights'\").fetchall())"
    )
    read = subprocess.run(
        [old / "bin/python", "-c", query, published / "product_metrics.duckdb"], capture_output=True, text=True
    )
    assert read.returncode == 0, read.stderr
    assert read.stdout.startswith("1.4.4 [(50,)]")
    assert "What fct_insights holds" in read.stdout
