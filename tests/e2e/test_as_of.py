"""A build for a past day against what was published on that day, when only the extracts up to it had landed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from metrics_py.history import History
from metrics_py.history.changes import KEY
from metrics_py.land import land
from metrics_py.publish import publish
from tests.e2e.conftest import copy_project, run

pytestmark = pytest.mark.nightly

HISTORY = {"metric_value_history.parquet", "metric_restatements.parquet"}
# On three of the days the build looked from the newest extract, on two from an instant that was asked for.
DAYS = {
    "2024-10-23": None,
    "2025-03-12": "2025-03-12T15:30:00Z",
    "2025-06-30": None,
    "2025-10-15": None,
    "2025-12-31": "2025-12-31T23:59:59Z",
}
BY_COMMAND = "2025-10-15"


@dataclass
class Past:
    """A project that was built and published on each day with what had landed by then; later everything landed."""

    project: Path
    kept: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: dict[str, pl.DataFrame] = field(default_factory=dict)
    looked_from: dict[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        return self.project / "warehouse.duckdb"


def hashes(published: Path) -> dict[str, str]:
    files = sorted(path for path in (published / "parquet").iterdir() if path.name not in HISTORY)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def note_versions(warehouse: Path, raw: Path) -> pl.DataFrame:
    """From when until when each version of a note was seen, as the build knew it."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        if raw != warehouse:
            connection.execute(f"attach '{raw}' as raw_store (read_only)")
        frame: pl.DataFrame = connection.sql(
            "from staging.stg_productboard__note_versions order by note_id, first_seen_at"
        ).pl()
    return frame


def dbt_build(project: Path, warehouse: Path, *, raw: Path, as_of: str | None) -> None:
    """`dbt build` without its tests, as an analytics engineer runs it with --vars."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    variables = ({"as_of": as_of} if as_of else {}) | ({"raw_database": "raw_store"} if raw != warehouse else {})
    arguments = [
        *("build", "--quiet", "--log-level-file", "none"),
        *("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(project / "target"), "--target", "duckdb" if raw == warehouse else "as_of"),
        *("--vars", json.dumps(variables)),
    ]
    settings = {"METRICS_WAREHOUSE": str(warehouse), "METRICS_RAW_WAREHOUSE": str(raw), "DO_NOT_TRACK": "1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        outcome = dbtRunner().invoke(arguments)
    DuckDBConnectionManager.close_all_connections()
    assert outcome.success, outcome.exception


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    folder = tmp_path_factory.mktemp("past")
    drawn = run("sample", "--out", folder / "sample", "--seed", 1)
    assert drawn.code == 0, drawn.err
    past = Past(copy_project(folder / "project"))
    shutil.copyfile(past.project / "profiles.example.yml", past.project / "profiles.yml")
    waiting = sorted((folder / "sample" / "extracts").glob("*/*/*"), key=lambda file: (file.name, file.as_posix()))
    for day, as_of in DAYS.items():
        landed = [file for file in waiting if file.name[:10] <= day]
        waiting = [file for file in waiting if file.name[:10] > day]
        assert landed
        land_files(past, landed, folder / day)
        dbt_build(past.project, past.warehouse, raw=past.warehouse, as_of=as_of)
        manifest = past.project / "target" / "manifest.json"
        published = folder / f"published-{day}"
        report = publish(past.warehouse, published, manifest=manifest, history=past.project / "history")
        past.kept[day] = hashes(published)
        past.notes[day] = note_versions(past.warehouse, past.warehouse)
        past.looked_from[day] = str(report.manifest["as_of"])
    land_files(past, waiting, folder / "rest")
    return past


def land_files(past: Past, files: list[Path], folder: Path) -> None:
    for file in files:
        target = folder.joinpath(*file.parts[-3:])
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, target)
    assert not land(folder, past.warehouse, project=past.project).refused


@pytest.mark.parametrize("day", [day for day in DAYS if day != BY_COMMAND])
def test_a_rebuild_gives_every_byte_that_was_published_on_the_day(past: Past, day: str, tmp_path: Path) -> None:
    rebuilt = tmp_path / "warehouse.duckdb"
    dbt_build(past.project, rebuilt, raw=past.warehouse, as_of=past.looked_from[day])
    manifest = past.project / "target" / "manifest.json"
    publish(rebuilt, tmp_path / "published", manifest=manifest, raw_warehouse=past.warehouse)
    assert len(past.kept[day]) > 30
    assert hashes(tmp_path / "published") == past.kept[day]
    assert note_versions(rebuilt, past.warehouse).equals(past.notes[day])


def test_the_command_gives_what_a_build_on_that_day_gave_and_the_history_knows_it(past: Past) -> None:
    history = History(past.project / "history")
    before = [publish.id for publish in history.publishes()]
    done = run("build", "--project-dir", past.project, "--as-of", f"{BY_COMMAND}T00:00:00Z")
    assert done.code in (0, 1), done.err
    published = past.project / "as_of" / f"{BY_COMMAND}T000000Z" / "published"
    assert hashes(published) == past.kept[BY_COMMAND]
    # It is what was published then, so there is nothing to add; and nothing learned later is in it.
    assert [publish.id for publish in history.publishes()] == before
    assert history.rebuilds() == []
    ledger = pl.read_parquet(published / "parquet" / "metric_restatements.parquet")
    assert ledger["as_of"].max() == datetime.fromisoformat(past.looked_from[BY_COMMAND]).replace(tzinfo=None)


def test_a_day_before_the_first_extract_is_refused(past: Past) -> None:
    done = run("build", "--project-dir", past.project, "--as-of", "2024-01-01")
    assert done.code == 2
    assert "nothing was extracted up to 2024-01-01T00:00:00Z; the first extract is of 2024-0" in done.err


def test_what_a_year_of_real_changes_restated_adds_up(past: Past) -> None:
    for publish_ in History(past.project / "history").publishes()[1:]:
        ledger = pl.read_parquet(publish_.named("restatements.parquet"))
        changes = ledger.filter(pl.col("change").is_not_null())
        sums = changes.group_by(KEY).agg(pl.col("change").first(), pl.col("effect").sum())
        assert sums.height > 0
        assert sums.filter((pl.col("change") - pl.col("effect")).abs() > 1e-9).is_empty()
        assert changes.filter(pl.col("row_id").is_null(), pl.col("effect").is_not_null()).is_empty()
