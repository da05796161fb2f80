"""Runs the suites of a side: frame by frame, each expectation judged, nothing skipped in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.publish import quoting
from metrics_py.publish.reader import Snapshot
from metrics_py.quality.expectations import Outcome, asks_for_all_columns, build, columns_named, judge
from metrics_py.quality.frames import Frames
from metrics_py.quality.report import CheckReport, Result
from metrics_py.quality.suites import Suite, SuiteFile, mistakes_error, nearest, read_suites
from metrics_py.quality.tables import Side, tables_of
from metrics_py.warehouse import connect

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Checker:
    """The suites of a file, tried on the contract of a project and ready to run."""

    file: SuiteFile
    frames: Mapping[Side, Frames]

    @classmethod
    def load(cls, path: Path, project: Path, sides: Iterable[Side]) -> Checker:
        """The suites of a file, each query and argument checked against the tables of the project.

        Raises: ConfigurationError that lists every mistake with file, line and the way out.
        """
        file = read_suites(path)
        frames = {side: Frames(file, side, tables_of(project, side)) for side in sides}
        mistakes = [
            mistake for side in frames for suite in file.side(side) for mistake in _mistakes(suite, frames[side])
        ]
        if mistakes:
            raise mistakes_error(path, mistakes)
        return cls(file, frames)

    def run(
        self,
        side: Side,
        connection: duckdb.DuckDBPyConnection,
        *,
        as_of: datetime,
        stated_rows: Mapping[str, int] | None = None,
        progress: Progress | None = None,
    ) -> CheckReport:
        """Judge every expectation of a side.

        Args:
            side: raw or published.
            connection: to the warehouse, or to the database of a snapshot.
            as_of: the instant to look from; ages and trailing weeks are counted from here.
            stated_rows: rows that the manifest of a snapshot says each table holds.
            progress: told suites done, suites in all, and the suite at work.
        """
        frames = self.frames[side]
        frames.prepare(connection, as_of, stated_rows or {})
        suites = self.file.side(side)
        results: list[Result] = []
        for index, suite in enumerate(suites):
            if progress:
                progress(index, len(suites), suite.name)
            results += _run_suite(suite, frames, connection)
        if progress and suites:
            progress(len(suites), len(suites), suites[-1].name)
        return CheckReport({side: as_of}, tuple(results))


def check(
    sides: Iterable[Side],
    *,
    suites: Path,
    project: Path,
    warehouse: Path,
    published: Path,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Check the landed extracts, the published tables, or both.

    Args:
        sides: what to check.
        suites: the YAML file of suites.
        project: folder of the dbt project, whose contracts the suites rely on.
        warehouse: the DuckDB file that holds the raw layer.
        published: the published snapshot.
        as_of: instant to look from; null for the newest extract landed, or the snapshot's own.
        progress: told suites done, suites in all, and the suite at work.

    Raises:
        ConfigurationError: the suites have a mistake; the message lists each with file and line.
        WarehouseError: the warehouse or the snapshot is missing or cannot be read.
    """
    chosen = tuple(sides)
    checker = Checker.load(suites, project, chosen)
    report = CheckReport({}, ())
    for side in chosen:
        place, stated = (warehouse, None) if side == "raw" else _snapshot(published)
        with closing(connect(place, read_only=True)) as connection:
            looked_from = as_of or (_newest_extract(connection, place) if stated is None else stated.as_of)
            rows = stated.rows if stated else {}
            report += checker.run(side, connection, as_of=looked_from, stated_rows=rows, progress=progress)
    return report


@dataclass(frozen=True)
class _Stated:
    as_of: datetime
    rows: dict[str, int]


def _snapshot(published: Path) -> tuple[Path, _Stated]:
    snapshot = Snapshot(published)
    rows = {name: int(entry["rows"]) for name, entry in snapshot.manifest["tables"].items()}
    return snapshot.database, _Stated(datetime.fromisoformat(snapshot.as_of), rows)


def _newest_extract(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> datetime:
    import duckdb

    try:
        (found,) = connection.execute("select max(extracted_at) from raw.raw_extracts").fetchall()[0]
    except duckdb.CatalogException:
        found = None
    if found is None:
        raise WarehouseError(f"nothing is landed in {warehouse}; run `metrics-py land DIR` first")
    newest: datetime = found
    return newest.replace(tzinfo=UTC)


def _mistakes(suite: Suite, frames: Frames) -> Iterator[tuple[int, str]]:
    try:
        columns = frames.columns(suite)
    except ConfigurationError as error:
        yield suite.frame_line, str(error)
        return
    for column in suite.rows:
        if column not in columns:
            yield suite.line, f"rows of suite {suite.name} names {column}; {nearest(column, columns)}"
    for expectation in suite.expectations:
        try:
            build(expectation)
        except ConfigurationError as error:
            is_kind = str(error).startswith("unknown")
            yield expectation.line if is_kind else expectation.arguments_line, f"{expectation.name}: {error}"
            continue
        for column in sorted(columns_named(expectation) - set(columns)):
            yield expectation.arguments_line, f"{expectation.name}: no column {column}; {nearest(column, columns)}"


def _run_suite(suite: Suite, frames: Frames, connection: duckdb.DuckDBPyConnection) -> Iterator[Result]:
    import duckdb

    wanted = {column for expectation in suite.expectations for column in columns_named(expectation)} | {*suite.rows}
    is_whole = any(map(asks_for_all_columns, suite.expectations)) or not wanted
    try:
        rows = connection.sql(frames.query(suite, () if is_whole else tuple(sorted(wanted))))
        # In an order, so that a check names the same rows whenever it finds the same.
        order = dict.fromkeys([*suite.rows, *rows.columns])
        frame = rows.order(", ".join(map(quoting.name, order))).df()
    except duckdb.Error as error:
        # The query fits the contract, so the tables do not; that is a finding about the data.
        text = " ".join(str(error).partition("\n\nLINE")[0].split())
        outcomes = [Outcome(False, f"could not be evaluated: {text}")] * len(suite.expectations)
    else:
        outcomes = judge(frame, suite.expectations, suite.rows)
    for expectation, outcome in zip(suite.expectations, outcomes, strict=True):
        yield Result(suite=suite, expectation=expectation, outcome=outcome)
