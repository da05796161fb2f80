"""A build on an engine whose dbt adapter runs no Python models: dbt and this program take turns, wave by wave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from metrics_py.console import Step
from metrics_py.dbt_project import DbtProject
from metrics_py.dbt_run import FAILURE_SCHEMA, DbtRun, TestFailure, failure_of, summarised
from metrics_py.engines import Engine
from metrics_py.engines.python_models import run_python_model
from metrics_py.engines.waves import Wave, waves
from metrics_py.privacy import forget_salt
from metrics_py.refresh import RECORD, record_of, scope_of


def run_dbt_in_waves(
    project: Path,
    engine: Engine,
    *,
    store: Path,
    is_full: bool = False,
    threads: int = 2,
    step: Step | None = None,
) -> DbtRun:
    """Build every seed and model and run every data test on an engine; see `metrics_py.dbt_run.run_dbt`.

    Args:
        project: folder of dbt_project.yml.
        engine: the engine, with the raw layer loaded.
        store: the DuckDB file that extracts were landed in.
        is_full: build everything, also where refreshing would do.
        threads: dbt threads.
        step: progress callback.

    Raises:
        WarehouseError: a model could not be built; the message names it and dbt's reason.
    """
    artifacts = project / "target"
    try:
        dbt = DbtProject(
            project,
            target=engine.target,
            place=Path(engine.target),
            artifacts=artifacts,
            variables={},
            settings=engine.settings,
        )
        scope = scope_of(engine, store, project, dbt.manifest, is_full=is_full)
        found = waves(dbt.manifest)
        _mark(dbt, found)
        count = _Count(sum(len(wave.nodes) + len(wave.tests) + len(wave.python_models) for wave in found), step)
        results: list[Any] = []
        for number, wave in enumerate(found):
            if wave.nodes or wave.tests:
                selection = ["--select", f"tag:{_tag(number)}", "--indirect-selection", "empty"]
                results += dbt.build(*selection, threads=threads, settings=scope.settings, callback=count.event)
            for identifier in wave.python_models:
                node = dbt.manifest["nodes"][identifier]
                run_python_model(node, dbt.manifest, project=project, tables=engine)
                count.done(str(node["name"]))
    finally:
        forget_salt(artifacts)
    engine.write(RECORD, record_of(store, project, dbt.manifest))
    python_models = sum(len(wave.python_models) for wave in found)
    run = summarised(
        results, dbt.manifest, scope, place=engine.target, keep=lambda failed: _keep_failures(engine, failed)
    )
    return replace(run, models=run.models + python_models)


class _Count:
    """Nodes done of all waves, for the progress display."""

    def __init__(self, total: int, step: Step | None) -> None:
        self._total = total
        self._done = 0
        self._step = step

    def event(self, event: Any) -> None:
        if event.info.name == "NodeFinished":
            self.done(str(event.data.node_info.node_name))

    def done(self, name: str) -> None:
        self._done += 1
        if self._step:
            self._step(self._done, self._total, name)


def _tag(number: int) -> str:
    return f"wave_{number}"


def _mark(dbt: DbtProject, found: list[Wave]) -> None:
    """Tag the nodes of the parsed project: dbt picks a tag at once, and two hundred names one by one."""
    for number, wave in enumerate(found):
        for identifier in (*wave.nodes, *wave.tests):
            dbt.parsed.nodes[identifier].tags.append(_tag(number))


def _keep_failures(engine: Engine, failed: list[Any]) -> Iterator[TestFailure]:
    engine.drop_schema(FAILURE_SCHEMA)
    for result in failed:
        failure = failure_of(result)
        engine.keep(failure.table, result.node.compiled_code)
        yield failure
