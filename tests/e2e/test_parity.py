"""The same project on DuckDB and on PostgreSQL gives the same tables, delivery by delivery and built anew."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics_py.dbt_run import DbtRun, run_dbt
from metrics_py.engines import Engine, open_engine
from metrics_py.engines.dbt_waves import run_dbt_in_waves
from metrics_py.engines.fetching import fetch_public_tables
from metrics_py.land import land
from metrics_py.publish import publish
from metrics_py.sample import generate
from metrics_py.warehouse import Warehouse
from tests.e2e.conftest import copy_project
from tests.e2e.deliveries import first_delivery, second_delivery, third_delivery
from tests.e2e.parity import compare, differences, postgres, public_tables

pytestmark = [pytest.mark.slow, pytest.mark.parity]
SEED = 7


@dataclass
class Company:
    """One landing store, built on DuckDB in the same file and in a database of its own on PostgreSQL."""

    project: Path
    database: str

    @property
    def store(self) -> Path:
        return self.project / "warehouse.duckdb"

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGDATABASE", self.database)
            with closing(open_engine("postgres", self.project)) as engine:
                yield engine

    def build(self, *deliveries: Path) -> DbtRun:
        for delivery in deliveries:
            land(delivery, self.store, project=self.project)
        return run_dbt(self.project, self.store)

    def build_on_postgres(self) -> DbtRun:
        with self.engine() as engine:
            engine.load_raw(self.store, lambda done, total, table: None)
            return run_dbt_in_waves(self.project, engine, store=self.store)

    def differences(self, run: DbtRun) -> list[str]:
        with self.engine() as engine, Warehouse(self.store) as warehouse:
            return differences(warehouse, engine, public_tables(run.manifest))


@dataclass
class Story:
    """What happened to a company that got the deliveries one after the other, and to one that got them at once."""

    refreshed: Company
    rebuilt: Company
    """On DuckDB; a nightly test builds it on PostgreSQL, too."""
    run: DbtRun
    on_postgres: DbtRun
    after_first: list[str]
    after_second: list[str]
    after_third: list[str]
    before: dict[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("parity")
    generate(folder / "sample", seed=SEED)
    first_delivery(folder / "sample", folder / "first")
    second_delivery(folder / "sample", folder / "second")
    third_delivery(folder / "sample", folder / "second", folder / "third")
    with postgres() as server:
        server.create_database("refreshed")
        server.create_database("rebuilt")
        refreshed = Company(copy_project(folder / "refreshed"), "refreshed")
        rebuilt = Company(copy_project(folder / "rebuilt"), "rebuilt")
        run = refreshed.build(folder / "first")
        refreshed.build_on_postgres()
        after_first, before = refreshed.differences(run), _fingerprints(refreshed.store)
        whole = refreshed.build(folder / "second")
        refreshed.build_on_postgres()
        assert whole.scope.since is None, "files from before the last build came with it"
        after_second = refreshed.differences(whole)
        run, on_postgres = refreshed.build(folder / "third"), refreshed.build_on_postgres()
        after_third = refreshed.differences(run)
        rebuilt.build(folder / "first", folder / "second", folder / "third")
        yield Story(refreshed, rebuilt, run, on_postgres, after_first, after_second, after_third, before)


def test_every_mart_and_metric_is_equal_after_the_first_delivery(story: Story) -> None:
    assert story.after_first == []


def test_every_mart_and_metric_is_equal_after_updates_deletions_late_files_and_dirt(story: Story) -> None:
    after = _fingerprints(story.refreshed.store)
    assert [name for name, mark in story.before.items() if after[name] == mark] == [], "the delivery changes too little"
    assert story.after_second == []


def test_both_refresh_with_what_is_newer_and_every_mart_and_metric_is_equal(story: Story) -> None:
    assert story.run.scope.since == story.on_postgres.scope.since == datetime(2026, 2, 1, 6)
    assert story.after_third == []


def test_a_refresh_equals_building_everything_anew_on_duckdb(story: Story) -> None:
    with Warehouse(story.rebuilt.store) as anew, Warehouse(story.refreshed.store) as on_duckdb:
        assert differences(on_duckdb, anew, public_tables(story.run.manifest)) == []
        with story.refreshed.engine() as on_postgres:
            assert differences(on_postgres, anew, public_tables(story.run.manifest)) == []


@pytest.mark.nightly
def test_a_refresh_equals_building_everything_anew_on_postgresql(story: Story) -> None:
    story.rebuilt.build_on_postgres()
    assert story.rebuilt.differences(story.run) == []
    with story.refreshed.engine() as one, story.rebuilt.engine() as other:
        assert differences(one, other, public_tables(story.run.manifest)) == []


def test_the_same_models_and_tests_run_and_the_same_tests_fail(story: Story) -> None:
    assert (story.on_postgres.models, story.on_postgres.tests) == (story.run.models, story.run.tests)
    failed = [[(f.name, f.severity, f.rows) for f in run.failures] for run in (story.run, story.on_postgres)]
    assert failed[0] == failed[1]
    with story.refreshed.engine() as engine, Warehouse(story.refreshed.store) as warehouse:
        for failure in story.run.failures:
            assert compare(warehouse.read(failure.table), engine.read(failure.table)) == [], failure.name


def test_what_is_published_from_postgresql_is_what_is_published_from_duckdb(story: Story, tmp_path: Path) -> None:
    brought = tmp_path / "warehouse.duckdb"
    shutil.copyfile(story.refreshed.store, brought)
    with Warehouse(brought, read_only=False) as warehouse:
        for name in public_tables(story.run.manifest):
            warehouse.write(name, pl.DataFrame({"not_fetched": [1]}))
    with story.refreshed.engine() as engine:
        fetch_public_tables(engine, brought, manifest=story.on_postgres.manifest)
    of_duckdb = publish(story.refreshed.store, tmp_path / "duckdb", manifest=story.run.manifest)
    of_postgres = publish(brought, tmp_path / "postgres", manifest=story.on_postgres.manifest)
    assert of_postgres.row_counts == of_duckdb.row_counts
    for name, table in of_duckdb.manifest["tables"].items():
        frames = [pl.read_parquet(tmp_path / engine / table["file"]) for engine in ("duckdb", "postgres")]
        assert compare(*frames, key=tuple(table["key"])) == [], name


def _fingerprints(store: Path) -> dict[str, Any]:
    names = ("marts.fct_insights", "marts.fct_survey_responses", "marts.fct_gate_reviews", "metrics.metric_values")
    with Warehouse(store) as warehouse:
        return {name: warehouse.read(name).hash_rows().sum() for name in names}
