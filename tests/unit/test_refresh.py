"""When a build may refresh, and that it says why when it may not."""

import copy
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics_py.refresh import RECORD, record_of, scope_of
from metrics_py.warehouse import Warehouse

MANIFEST: dict[str, Any] = {
    "metadata": {"dbt_version": "1.11.0", "adapter_type": "duckdb"},
    "nodes": {
        "model.p.fct": {"checksum": {"checksum": "a"}, "config": {"materialized": "table"}, "columns": {}},
        "test.p.some": {"checksum": {"checksum": "t"}, "config": {}, "columns": {}},
    },
    "sources": {"source.p.raw": {"config": {}, "columns": {"id": {"data_type": "varchar"}}}},
    "macros": {"macro.p.m": {"macro_sql": "{% macro m() %}1{% endmacro %}"}},
}
KNOWN = [
    ("pb", "notes", "pb/notes/1", "hash-1", "2026-01-01 06:00:00"),
    ("pb", "tags", "t1", "x", "2026-01-02 06:00:00"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("vars: {org_timezone: UTC}\n")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute(
            "create schema raw; create table raw.raw_extracts (source varchar, table_name varchar, file varchar, "
            "content_hash varchar, extracted_at timestamp, is_full boolean)"
        )
    _land(tmp_path, *KNOWN)
    return tmp_path


def _land(project: Path, *extracts: tuple[str, ...]) -> None:
    with duckdb.connect(str(project / "w.duckdb")) as connection:
        for extract in extracts:
            connection.execute("insert into raw.raw_extracts values (?, ?, ?, ?, ?, true)", list(extract))


def _build(project: Path, manifest: dict[str, Any] = MANIFEST) -> None:
    record = record_of(project / "w.duckdb", project, manifest)
    with Warehouse(project / "w.duckdb", read_only=False) as tables:
        tables.write(RECORD, record)


def _scope(project: Path, manifest: dict[str, Any] = MANIFEST, *, is_full: bool = False) -> tuple[Any, Any]:
    with Warehouse(project / "w.duckdb") as tables:
        scope = scope_of(tables, project / "w.duckdb", project, manifest, is_full=is_full)
    return scope.since, scope.reason


def test_newer_extracts_are_refreshed_from_the_instant_of_the_last_build(project: Path) -> None:
    _build(project)
    _land(project, ("pb", "notes", "pb/notes/3", "hash-3", "2026-01-03 06:00:00"))
    assert _scope(project) == (datetime(2026, 1, 2, 6), None)


def test_nothing_new_is_refreshed_too(project: Path) -> None:
    _build(project)
    assert _scope(project) == (datetime(2026, 1, 2, 6), None)


def test_the_models_read_the_instant_to_the_microsecond(project: Path) -> None:
    _land(project, ("pb", "notes", "pb/notes/3", "hash-3", "2026-01-03 06:00:00.000007"))
    _build(project)
    with Warehouse(project / "w.duckdb") as tables:
        scope = scope_of(tables, project / "w.duckdb", project, MANIFEST, is_full=False)
    assert scope.settings == {"METRICS_REFRESH_SINCE": "2026-01-03 06:00:00.000007"}


def test_the_first_build_and_one_that_is_asked_for_are_whole(project: Path) -> None:
    assert _scope(project) == (None, "no finished build before it")
    _build(project)
    assert _scope(project, is_full=True) == (None, "asked for")


@pytest.mark.parametrize(
    "late",
    [
        ("pb", "notes", "pb/notes/0", "hash-0", "2025-06-01 06:00:00"),
        ("pb", "tags", "pb/tags/2", "hash-2", "2026-01-02 06:00:00"),
    ],
    ids=["older", "of the same instant"],
)
def test_an_extract_that_is_not_newer_than_the_last_build_makes_it_whole(project: Path, late: tuple[str, ...]) -> None:
    _build(project)
    _land(project, late, ("pb", "notes", "pb/notes/3", "hash-3", "2026-01-03 06:00:00"))
    assert _scope(project) == (None, "extracts as old as the last build, or older, have landed since")


@pytest.mark.parametrize("part", ["checksum", "config", "source", "macro", "vars", "version"])
def test_a_project_that_has_changed_in_any_part_makes_it_whole(project: Path, part: str) -> None:
    _build(project)
    changed = copy.deepcopy(MANIFEST)
    if part == "checksum":
        changed["nodes"]["model.p.fct"]["checksum"] = {"checksum": "b"}
    elif part == "config":
        changed["nodes"]["model.p.fct"]["config"] = {"materialized": "incremental"}
    elif part == "source":
        changed["sources"]["source.p.raw"]["columns"] = {"id": {"data_type": "bigint"}}
    elif part == "macro":
        changed["macros"]["macro.p.m"] = {"macro_sql": "{% macro m() %}2{% endmacro %}"}
    elif part == "vars":
        (project / "dbt_project.yml").write_text("vars: {org_timezone: America/Phoenix}\n")
    else:
        changed["metadata"]["dbt_version"] = "1.12.0"
    assert _scope(project, changed) == (None, "the project has changed since the last build")


def test_a_data_test_that_has_changed_is_no_change_of_the_tables(project: Path) -> None:
    _build(project)
    nodes = MANIFEST["nodes"] | {"test.p.some": {"checksum": {"checksum": "u"}, "config": {}, "columns": {}}}
    assert _scope(project, MANIFEST | {"nodes": nodes}) == (datetime(2026, 1, 2, 6), None)


def test_a_warehouse_put_back_from_a_copy_is_refreshed_from_where_it_stands(project: Path) -> None:
    _build(project)
    shutil.copyfile(project / "w.duckdb", project / "copy.duckdb")
    _land(project, ("pb", "notes", "pb/notes/3", "hash-3", "2026-01-03 06:00:00"))
    _build(project)
    shutil.copyfile(project / "copy.duckdb", project / "w.duckdb")
    assert _scope(project) == (datetime(2026, 1, 2, 6), None)
