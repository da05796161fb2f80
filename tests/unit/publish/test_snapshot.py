import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pytest

from metrics_py.errors import WarehouseError
from metrics_py.publish import publish

BuildWarehouse = Callable[..., Path]


def parquet_bytes(published: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((published / "parquet").glob("*.parquet"))}


def rows(published: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(published / "product_metrics.duckdb", read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_public_tables_arrive_in_both_forms_and_private_ones_in_neither(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    report = publish(warehouse(), published, manifest=manifest)
    assert report.row_counts == {"fct_insights": 50, "fct_integrity_violations": 5, "metric_values": 2}
    assert list(parquet_bytes(published)) == [f"{name}.parquet" for name in sorted(report.row_counts)]
    tables = rows(published, "select schema_name, table_name from duckdb_tables() order by all")
    assert tables == [("marts", "fct_insights"), ("marts", "fct_integrity_violations"), ("metrics", "metric_values")]


def test_equal_input_gives_equal_bytes_whatever_order_the_rows_were_built_in(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    publish(warehouse(insights=5000), tmp_path / "first", manifest=manifest)
    path = warehouse(insights=5000)
    with duckdb.connect(path) as connection:
        for table in ("marts.fct_insights", "metrics.metric_values"):
            connection.execute(f"create or replace table {table} as from {table} order by hash(columns(*)::varchar)")
    publish(path, tmp_path / "second", manifest=manifest)
    assert parquet_bytes(tmp_path / "first") == parquet_bytes(tmp_path / "second")
    assert (tmp_path / "first/manifest.json").read_bytes() == (tmp_path / "second/manifest.json").read_bytes()


def test_rows_are_ordered_by_the_primary_key(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    publish(warehouse(), tmp_path, manifest=manifest)
    identifiers = pl.read_parquet(tmp_path / "parquet/fct_insights.parquet")["insight_id"]
    assert identifiers.to_list() == [f"n-{number:06d}" for number in range(50)]


def test_doubles_are_rounded_to_twelve_digits_and_nulls_stay_null(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    publish(warehouse(), tmp_path, manifest=manifest)
    assert rows(tmp_path, "select distinct value from metrics.metric_values") == [(0.3,)]
    insights = pl.read_parquet(tmp_path / "parquet/fct_insights.parquet")
    assert insights["cycle_share"][1] == 0.142857142857
    assert insights["cycle_days"].null_count() == 10


def test_descriptions_travel_with_tables_and_columns(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    publish(warehouse(), tmp_path, manifest=manifest)
    assert rows(tmp_path, "select comment from duckdb_tables() where table_name = 'fct_insights'") == [
        ("What fct_insights holds; it's tested.",)
    ]
    assert rows(tmp_path, "select comment from duckdb_columns() where comment is not null") == [("The note's id.",)]


def test_the_manifest_names_what_went_in_and_what_went_wrong(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    failed = SimpleNamespace(name="segments_sum", severity="error", rows=3)
    publish(warehouse(), tmp_path, manifest=manifest, failed_tests=[failed])
    document = json.loads((tmp_path / "manifest.json").read_text())
    assert document["as_of"] == "2026-01-31T06:00:00Z"
    assert document["versions"]["dbt-core"] == "1.11.16"
    assert document["definition_versions"] == {"arr": "1", "circt": "1"}
    assert document["seeds"] == {"goals": "sum-of-goals"}
    assert document["run"] == {
        "failed_tests": [{"test": "segments_sum", "severity": "error", "rows": 3}],
        "error_violations": 2,
        "quarantined": [{"source": "productboard", "table": "notes", "rows": 2}],
    }


def test_checksums_of_every_file_hold(warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path) -> None:
    publish(warehouse(), tmp_path, manifest=manifest)
    check = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path / "current", capture_output=True, text=True
    )
    assert check.returncode == 0, check.stdout + check.stderr
    assert check.stdout.count(": OK") == 5


def test_what_is_not_known_is_null_and_not_zero(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    del manifest["nodes"]["fct_integrity_violations"], manifest["sources"]
    report = publish(warehouse(), tmp_path, manifest=manifest)
    assert report.manifest["run"] == {"failed_tests": None, "error_violations": None, "quarantined": None}


def test_quarantined_rows_are_counted_in_the_raw_layer_of_another_file(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    raw = warehouse().rename(tmp_path / "raw.duckdb")
    path = warehouse()
    with duckdb.connect(path) as connection:
        connection.execute("drop schema raw cascade")
    assert publish(path, tmp_path / "alone", manifest=manifest).manifest["run"]["quarantined"] is None
    report = publish(path, tmp_path / "published", manifest=manifest, raw_warehouse=raw)
    assert report.manifest["run"]["quarantined"] == [{"source": "productboard", "table": "notes", "rows": 2}]


def test_a_missing_table_is_named_and_the_old_snapshot_stays(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    published = tmp_path / "published"
    publish(warehouse(build=1), published, manifest=manifest)
    path = warehouse(build=2)
    with duckdb.connect(path) as connection:
        connection.execute("drop table metrics.metric_values")
    with pytest.raises(WarehouseError, match=r"no table metrics\.metric_values"):
        publish(path, published, manifest=manifest)
    assert rows(published, "select distinct build_number from marts.fct_insights") == [(1,)]
    assert [path.name for path in (published / "generations").iterdir() if path.name.startswith(".")] == [".lock"]


def test_without_a_metric_value_there_is_no_as_of_and_nothing_is_published(
    warehouse: BuildWarehouse, manifest: dict[str, Any], tmp_path: Path
) -> None:
    path = warehouse()
    with duckdb.connect(path) as connection:
        connection.execute("delete from metrics.metric_values")
    with pytest.raises(WarehouseError, match="metric_values has no row"):
        publish(path, tmp_path / "published", manifest=manifest)
    assert not (tmp_path / "published/current").exists()


def test_a_missing_warehouse_says_how_to_get_one(manifest: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="run `metrics-py build` first"):
        publish(tmp_path / "none.duckdb", tmp_path / "published", manifest=manifest)
