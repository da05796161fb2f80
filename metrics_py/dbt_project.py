"""The dbt project inside this process: parsed once, built in one or more invocations, its trouble told plainly."""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from metrics_py.console import Step
from metrics_py.errors import WarehouseError
from metrics_py.trouble import way_out

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


class DbtProject:
    """The project, parsed once for a target and then built in one or more invocations, all in this process.

    Raises:
        WarehouseError: dbt cannot read the project.
    """

    def __init__(
        self,
        project: Path,
        *,
        target: str,
        place: Path,
        artifacts: Path,
        variables: Mapping[str, str],
        settings: Mapping[str, str],
    ) -> None:
        """Parse the project.

        Args:
            project: folder of dbt_project.yml.
            target: output of profiles.yml.
            place: what is written, as errors name it.
            artifacts: folder of manifest.json.
            variables: dbt vars.
            settings: environment variables that profiles.yml reads.
        """
        from dbt.cli.main import dbtRunner

        self._place = place
        # A build tells its failures itself; lines nobody reads, on a console or in a log, are an eighth of the time.
        self._common = ["--log-level", "none", "--log-level-file", "none"]
        self._common += ["--project-dir", str(project), "--profiles-dir", str(_profiles(project))]
        self._common += ["--target-path", str(artifacts), "--target", target]
        if variables:
            self._common += ["--vars", json.dumps(variables)]
        # Lowered so that no test holds back what hangs on its model; exit codes go by the severity each test declares.
        self._settings = {**settings, "METRICS_TEST_SEVERITY": "warn", "DO_NOT_TRACK": "1"}
        with _environment(self._settings), _no_garbage_collection():
            # Parsed first, so that the manifest is written once: a build on its own writes it before and after.
            parsed = dbtRunner().invoke(["parse", *self._common])
        self._raise_unreadable(parsed)
        self.parsed = cast("Manifest", parsed.result)
        self.manifest: dict[str, Any] = json.loads((artifacts / "manifest.json").read_text())

    def build(
        self,
        *selection: str,
        threads: int,
        settings: Mapping[str, str],
        callback: Callable[[Any], None] | None = None,
    ) -> list[Any]:
        """Build seeds and models and run data tests, all of them or a selection; the results as dbt gives them.

        Args:
            selection: what to build, as dbt's command line has it.
            threads: dbt threads.
            settings: environment variables that models read, beside those the project was parsed with.
            callback: gets dbt's events.

        Raises:
            WarehouseError: a model could not be built; the message names it and dbt's reason.
        """
        from dbt.cli.main import dbtRunner

        arguments = ["build", *self._common, "--exclude-resource-type", "unit_test", "--threads", str(threads)]
        with _environment({**self._settings, **settings}), _no_garbage_collection():
            runner = dbtRunner(manifest=self.parsed, callbacks=[callback] if callback else [])
            outcome = runner.invoke([*arguments, "--no-write-json", *selection])
        self._raise_unreadable(outcome)
        results = list(getattr(outcome.result, "results", []))
        broken = [r for r in results if r.node.resource_type != "test" and r.status in ("error", "skipped")]
        broken += [r for r in results if r.node.resource_type == "test" and r.status == "error"]
        if broken:
            raise WarehouseError(_describe_broken(broken, self._place))
        return results

    def _raise_unreadable(self, outcome: Any) -> None:
        if outcome.exception is not None:
            text = str(outcome.exception)
            raise WarehouseError(
                way_out(text, self._place) or f"dbt could not read the project: {text}"
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


def progress_callback(step: Step) -> Callable[[Any], None]:
    """Passes dbt's events on to a progress display."""
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
