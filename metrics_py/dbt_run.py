"""What a run of dbt did; and the run on the embedded DuckDB: every seed, model and data test in one invocation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics_py.console import Step
from metrics_py.dbt_project import DbtProject, progress_callback
from metrics_py.privacy import forget_salt
from metrics_py.refresh import RECORD, Scope, record_of, scope_of
from metrics_py.warehouse import Warehouse, connect, memory_limit

FAILURE_SCHEMA = "test_failures"


@dataclass(frozen=True)
class TestFailure:
    """A data test that found rows: its name, severity (error or warn), row count and the table that holds the rows."""

    name: str
    severity: str
    rows: int
    table: str


@dataclass(frozen=True)
class DbtRun:
    """What a dbt invocation did: models built, tests run, tests failed, and the manifest it worked from."""

    models: int
    tests: int
    failures: tuple[TestFailure, ...]
    place: str
    """Where the tables are: the warehouse file, or the name of the engine."""
    manifest: dict[str, Any]
    scope: Scope


def run_dbt(
    project: Path,
    warehouse: Path,
    *,
    as_of: str | None = None,
    raw_warehouse: Path | None = None,
    is_full: bool = False,
    threads: int = 2,
    step: Step | None = None,
) -> DbtRun:
    """Build every seed and model and run every data test on the embedded DuckDB, in one dbt invocation.

    A failing data test stops nothing: the board is published and says so. Rows of failing tests are kept in the
    schema `test_failures` of the warehouse.

    Args:
        project: folder of dbt_project.yml.
        warehouse: DuckDB file that receives the models.
        as_of: instant to look from; null for the newest extract.
        raw_warehouse: DuckDB file that holds the raw layer, when it is not `warehouse`.
        is_full: build everything, also where refreshing would do; a build with an `as_of` always does.
        threads: dbt threads.
        step: progress callback.

    Raises:
        WarehouseError: a model could not be built; the message names it and dbt's reason.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    target = project / "target"
    variables = {"as_of": as_of} if as_of else {}
    if raw_warehouse:
        variables["raw_database"] = "raw_store"
    try:
        dbt = DbtProject(
            project,
            target="as_of" if raw_warehouse else "duckdb",
            place=warehouse,
            artifacts=target,
            variables=variables,
            settings={
                "METRICS_WAREHOUSE": str(warehouse),
                "METRICS_RAW_WAREHOUSE": str(raw_warehouse or warehouse),
                "METRICS_MEMORY": memory_limit(),
            },
        )
        scope = Scope(None, "a past day has tables of its own") if as_of else _scope(dbt, project, warehouse, is_full)
        callback = progress_callback(step) if step else None
        results = dbt.build(threads=threads, settings=scope.settings, callback=callback)
    finally:
        # dbt would keep the file open until this process ends, and what comes next opens it to read.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        forget_salt(target)
    if not as_of:
        record = record_of(warehouse, project, dbt.manifest)
        with Warehouse(warehouse, read_only=False) as tables:
            tables.write(RECORD, record)
    return summarised(
        results,
        dbt.manifest,
        scope,
        place=str(warehouse),
        keep=lambda failed: _keep_failures(warehouse, raw_warehouse, failed),
    )


def _scope(dbt: DbtProject, project: Path, warehouse: Path, is_full: bool) -> Scope:
    if not warehouse.exists():
        return Scope(None, "no finished build before it")
    with Warehouse(warehouse) as tables:
        return scope_of(tables, warehouse, project, dbt.manifest, is_full=is_full)


def summarised(
    results: Sequence[Any],
    manifest: dict[str, Any],
    scope: Scope,
    *,
    place: str,
    keep: Callable[[list[Any]], Iterable[TestFailure]],
) -> DbtRun:
    """What a run did at a place; `keep` stores the rows of failed tests and names them."""
    failed = [r for r in results if r.node.resource_type == "test" and r.status in ("warn", "fail")]
    return DbtRun(
        models=sum(r.node.resource_type == "model" for r in results),
        tests=sum(r.node.resource_type == "test" for r in results),
        failures=tuple(keep(sorted(failed, key=lambda r: str(r.node.name)))),
        place=place,
        manifest=manifest,
        scope=scope,
    )


def failure_of(result: Any) -> TestFailure:
    """A failed test's result as it is told, with the table its rows belong in."""
    declared = str(result.node.unrendered_config.get("severity", "error")).lower()
    return TestFailure(
        name=str(result.node.name),
        severity="warn" if declared == "warn" else "error",
        rows=int(result.failures or 0),
        table=f"{FAILURE_SCHEMA}.{result.node.name}",
    )


def _keep_failures(warehouse: Path, raw_warehouse: Path | None, failed: list[Any]) -> Iterator[TestFailure]:
    """Store the rows of each failing test as a table, so that each can be looked at."""
    with connect(warehouse) as connection:
        connection.execute(f"drop schema if exists {FAILURE_SCHEMA} cascade")
        if not failed:
            return
        if raw_warehouse:
            connection.execute(f"attach '{raw_warehouse}' as raw_store (read_only)")
        connection.execute(f"create schema {FAILURE_SCHEMA}")
        for result in failed:
            failure = failure_of(result)
            connection.execute(f'create table {FAILURE_SCHEMA}."{failure.name}" as {result.node.compiled_code}')
            yield failure
