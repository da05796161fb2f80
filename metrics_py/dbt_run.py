"""One dbt invocation inside this process: models, seeds and data tests, with progress and its failures named."""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from metrics_py.console import Step
from metrics_py.errors import WarehouseError
from metrics_py.privacy import forget_salt
from metrics_py.trouble import way_out
from metrics_py.warehouse import connect

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

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
    manifest: dict[str, Any]


def run_dbt(
    project: Path,
    warehouse: Path,
    *,
    as_of: str | None = None,
    raw_warehouse: Path | None = None,
    threads: int = 2,
    step: Step | None = None,
) -> DbtRun:
    """Build every seed and model and run every data test, in one dbt invocation.

    A failing data test stops nothing: the board is published and says so. Rows of failing tests are kept in the
    schema `test_failures` of the warehouse.

    Args:
        project: folder of dbt_project.yml.
        warehouse: DuckDB file that receives the models.
        as_of: instant to look from; null for the newest extract.
        raw_warehouse: DuckDB file that holds the raw layer, when it is not `warehouse`.
        threads: dbt threads.
        step: progress callback.

    Raises:
        WarehouseError: a model could not be built; the message names it and dbt's reason.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    target = project / "target"
    # A build tells its failures itself; lines that nobody reads, on a console or in a log, are an eighth of the time.
    common = ["--log-level", "none", "--log-level-file", "none"]
    common += ["--project-dir", str(project), "--profiles-dir", str(_profiles(project))]
    common += ["--target-path", str(target), "--target", "as_of" if raw_warehouse else "duckdb"]
    variables = {"as_of": as_of} if as_of else {}
    if raw_warehouse:
        variables["raw_database"] = "raw_store"
    if variables:
        common += ["--vars", json.dumps(variables)]
    settings = {
        "METRICS_WAREHOUSE": str(warehouse),
        "METRICS_RAW_WAREHOUSE": str(raw_warehouse or warehouse),
        # Lowered so that no test holds back what hangs on its model; exit codes go by the severity each test declares.
        "METRICS_TEST_SEVERITY": "warn",
        "DO_NOT_TRACK": "1",
    }
    build = ["build", *common, "--exclude-resource-type", "unit_test", "--threads", str(threads)]
    with _environment(settings), _no_garbage_collection():
        # Parsed first, so that the manifest is written once: a build on its own writes it before and after.
        parsed = dbtRunner().invoke(["parse", *common])
        _raise_unreadable(parsed, warehouse)
        callbacks = [_progress_callback(step)] if step else []
        runner = dbtRunner(manifest=cast("Manifest", parsed.result), callbacks=callbacks)
        outcome = runner.invoke([*build, "--no-write-json"])
    # dbt would keep the file open until this process ends, and what comes next opens it to read.
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    forget_salt(target)
    _raise_unreadable(outcome, warehouse)
    results = list(getattr(outcome.result, "results", []))
    broken = [r for r in results if r.node.resource_type != "test" and r.status in ("error", "skipped")]
    broken += [r for r in results if r.node.resource_type == "test" and r.status == "error"]
    if broken:
        raise WarehouseError(_describe_broken(broken, warehouse))
    manifest = json.loads((target / "manifest.json").read_text())
    failed = [r for r in results if r.node.resource_type == "test" and r.status in ("warn", "fail")]
    tests = sum(r.node.resource_type == "test" for r in results)
    return DbtRun(
        models=sum(r.node.resource_type == "model" for r in results),
        tests=tests,
        failures=tuple(_keep_failures(warehouse, raw_warehouse, failed)),
        manifest=manifest,
    )


def _raise_unreadable(outcome: Any, warehouse: Path) -> None:
    if outcome.exception is not None:
        text = str(outcome.exception)
        raise WarehouseError(
            way_out(text, warehouse) or f"dbt could not read the project: {text}"
        ) from outcome.exception


def _profiles(project: Path) -> Path:
    """Folder with a profiles.yml made from the example, so that a fresh clone builds without one."""
    folder = project / ".build"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(project / "profiles.example.yml", folder / "profiles.yml")
    return folder


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Switch the collector off: dbt makes few cycles and millions of objects, and looking for cycles takes 7%."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _progress_callback(step: Step) -> Any:
    done = 0
    total = 0

    def callback(event: Any) -> None:
        nonlocal done, total
        if event.info.name == "ConcurrencyLine":
            total = event.data.node_count
        elif event.info.name == "NodeFinished":
            done += 1
            step(done, max(total, done), event.data.node_info.node_name)

    return callback


def _describe_broken(results: list[Any], warehouse: Path) -> str:
    first = next((r for r in results if r.status == "error"), results[0])
    others = len(results) - 1
    detail = " ".join(str(first.message or "no message").split())
    trouble = way_out(detail, warehouse)
    if trouble:
        return f"{trouble} (found while building {first.node.name})"
    tail = f"; {others} more could not be built because of it" if others else ""
    return f"{first.node.original_file_path}: {first.node.name} could not be built: {detail}{tail}"


def _keep_failures(warehouse: Path, raw_warehouse: Path | None, failed: list[Any]) -> Iterator[TestFailure]:
    """Store the rows of each failing test as a table, so that each can be looked at."""
    with connect(warehouse) as connection:
        connection.execute(f"drop schema if exists {FAILURE_SCHEMA} cascade")
        if not failed:
            return
        if raw_warehouse:
            connection.execute(f"attach '{raw_warehouse}' as raw_store (read_only)")
        connection.execute(f"create schema {FAILURE_SCHEMA}")
        for result in sorted(failed, key=lambda r: str(r.node.name)):
            declared = str(result.node.unrendered_config.get("severity", "error")).lower()
            table = f'{FAILURE_SCHEMA}."{result.node.name}"'
            connection.execute(f"create table {table} as {result.node.compiled_code}")
            yield TestFailure(
                name=str(result.node.name),
                severity="warn" if declared == "warn" else "error",
                rows=int(result.failures or 0),
                table=f"{FAILURE_SCHEMA}.{result.node.name}",
            )
