"""From extracts to the scoreboard: land, build, publish, draw, in one go."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.console import Step
from metrics_py.engines import open_engine
from metrics_py.errors import ConfigurationError, RefusedFileError
from metrics_py.lock import hold

if TYPE_CHECKING:
    from metrics_py.dbt_run import DbtRun
    from metrics_py.engines import Engine
    from metrics_py.land import LandingReport
    from metrics_py.publish import PublishReport
    from metrics_py.scoreboard import ScoreboardReport

Progress = Callable[[str], AbstractContextManager[Step]]


@dataclass(frozen=True)
class Places:
    """Where a build reads and writes."""

    project: Path
    warehouse: Path
    published: Path
    site: Path

    @property
    def history(self) -> Path:
        """The history of what was published, one for all builds of a project."""
        return self.project / "history"

    @classmethod
    def of(cls, project: Path, as_of: datetime | None = None) -> Places:
        """The usual places below the project's folder; a build for a past day has a folder of its own."""
        root = project / "as_of" / as_of.strftime("%Y-%m-%dT%H%M%SZ") if as_of else project
        root.mkdir(parents=True, exist_ok=True)
        return cls(project, root / "warehouse.duckdb", root / "published", root / "site")


@dataclass(frozen=True)
class BuildReport:
    """What one build did, for the closing summary and the exit code."""

    landing: LandingReport | None
    dbt: DbtRun
    publishing: PublishReport
    page: ScoreboardReport

    @property
    def exit_code(self) -> int:
        """0 fine; 1 a data test or an integrity rule of severity error found rows."""
        return 1 if any(failure.severity == "error" for failure in self.dbt.failures) else 0


def find_project(start: Path | None = None) -> Path:
    """Folder of the dbt project: the working directory or a parent of it, else the one this package came with.

    Raises:
        ConfigurationError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    beside_the_package = Path(__file__).resolve().parent.parent
    for folder in (here, *here.parents, beside_the_package):
        project_file = folder / "dbt_project.yml"
        if project_file.exists() and "name: product_metrics" in project_file.read_text():
            return folder
    raise ConfigurationError(
        f"no dbt project `product_metrics` in {here} or above it; go to its folder or name it with --project-dir"
    )


def build(
    places: Places,
    *,
    extracts: Path | None,
    as_of: datetime | None = None,
    raw_warehouse: Path | None = None,
    target: str = "duckdb",
    is_full: bool = False,
    wait: bool = False,
    progress: Progress,
) -> BuildReport:
    """Land `extracts` (none: only what is landed already), build, publish and draw the page.

    Args:
        places: what to read and where to write.
        extracts: folder of extracts, or null.
        as_of: instant to look from, as a build then would have: from the newest extract up to it. Null for the newest
            of all.
        raw_warehouse: the file that holds the raw layer, when the build has a file of its own.
        target: the engine that computes; another than `duckdb` gets what is landed in the warehouse file, and the
            public tables come back into it.
        is_full: compute everything anew, also where replacing what newer extracts changed gives the same.
        wait: wait for another command that works on the same files, instead of refusing.
        progress: makes the progress display of a step.

    Raises:
        MetricsError: an input or the warehouse cannot be used, or another command is working on it; nothing was
            published.
    """
    # The project's folder is one of the places, because dbt keeps its artifacts there whichever file it builds.
    if target != "duckdb" and raw_warehouse is not None:
        raise ConfigurationError(
            f"a build for a past day would replace today's tables on {target}; leave --target out: DuckDB builds it, "
            "in a file of its own, from the same landed extracts"
        )
    with (
        hold(places.project / "target", raw_warehouse or places.warehouse, places.warehouse, wait=wait),
        ExitStack() as opened,
    ):
        engine = None if target == "duckdb" else opened.enter_context(closing(open_engine(target, places.project)))
        return _build(places, extracts, as_of, raw_warehouse, engine, is_full, progress)


def _build(
    places: Places,
    extracts: Path | None,
    as_of: datetime | None,
    raw_warehouse: Path | None,
    engine: Engine | None,
    is_full: bool,
    progress: Progress,
) -> BuildReport:
    from metrics_py.dbt_run import run_dbt
    from metrics_py.land import land
    from metrics_py.publish import publish
    from metrics_py.scoreboard import render

    landing = None
    if extracts is not None:
        with progress("Landing") as step:
            landing = land(
                extracts,
                raw_warehouse or places.warehouse,
                project=places.project,
                progress=lambda index, total, table, rows: step(index, total, table),
            )
        if landing.refused:
            raise RefusedFileError(
                "nothing was built or published, because of files that are not what their names say:\n"
                + "\n".join(f"  {file}" for file in landing.refused)
                + "\nMend them or move them away and run the command again; every other file is landed."
            )
    if engine is not None:
        dbt = _build_on(engine, places, is_full, progress)
    else:
        with progress("Building") as step:
            dbt = run_dbt(
                places.project,
                places.warehouse,
                as_of=_newest_extract(raw_warehouse or places.warehouse, as_of) if as_of else None,
                raw_warehouse=raw_warehouse,
                is_full=is_full,
                step=step,
            )
    with progress("Publishing"):
        publishing = publish(
            places.warehouse,
            places.published,
            manifest=dbt.manifest,
            failed_tests=dbt.failures,
            raw_warehouse=raw_warehouse,
            history=places.history,
        )
    with progress("Drawing"):
        page = render(places.published, places.site)
    return BuildReport(landing, dbt, publishing, page)


def _build_on(engine: Engine, places: Places, is_full: bool, progress: Progress) -> DbtRun:
    """Compute on another engine what is landed in the warehouse file, and bring the public tables back into it."""
    from metrics_py.engines.dbt_waves import run_dbt_in_waves
    from metrics_py.engines.fetching import fetch_public_tables

    with progress("Loading") as step:
        engine.load_raw(places.warehouse, step)
    with progress("Building") as step:
        dbt = run_dbt_in_waves(places.project, engine, store=places.warehouse, is_full=is_full, step=step)
    with progress("Fetching") as step:
        fetch_public_tables(engine, places.warehouse, manifest=dbt.manifest, step=step)
    return dbt


def _newest_extract(warehouse: Path, as_of: datetime) -> str:
    """Time of the newest extract up to an instant, which a build at that instant looks from."""
    from metrics_py.warehouse import connect

    with connect(warehouse, read_only=True) as connection:
        first, newest = connection.execute(
            "select min(extracted_at), max(extracted_at) filter (where extracted_at <= ?) from raw.raw_extracts",
            [as_of.astimezone(UTC).replace(tzinfo=None)],
        ).fetchall()[0]
    if newest is None:
        raise ConfigurationError(
            f"nothing was extracted up to {as_of:%Y-%m-%dT%H:%M:%SZ}; "
            + (f"the first extract is of {first.isoformat()}Z" if first else "land extracts first, with --extracts DIR")
        )
    return f"{newest.isoformat()}Z"
