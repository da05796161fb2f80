"""The same project on DuckDB and on PostgreSQL gives the same tables, after each of two deliveries and built anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from metrics_py.dbt_run import DbtRun, run_dbt
from metrics_py.engines import open_engine
from metrics_py.engines.dbt_waves import run_dbt_in_waves
from metrics_py.engines.postgres_server import PostgresServer
from metrics_py.land import land
from metrics_py.sample import generate
from metrics_py.warehouse import Warehouse
from tests.e2e.conftest import copy_project
from tests.e2e.deliveries import first_delivery, second_delivery
from tests.e2e.parity import differences, postgres, public_tables

pytestmark = [pytest.mark.slow, pytest.mark.parity]
SEED = 7


@dataclass
class Company:
    """A company in a folder: one landing store, built on DuckDB beside it and on PostgreSQL."""

    project: Path
    runs: dict[str, DbtRun]

    @property
    def store(self) -> Path:
        return self.project / "warehouse.duckdb"

    def build(self, *deliveries: Path) -> None:
        for delivery in deliveries:
            land(delivery, self.store, project=self.project)
        self.runs["duckdb"] = run_dbt(self.project, self.store)
        engine = open_engine("postgres", self.project)
        engine.load_raw(self.store, lambda done, total, table: None)
        self.runs["postgres"] = run_dbt_in_waves(self.project, engine)
        engine.close()

    def differences(self) -> list[str]:
        engine = open_engine("postgres", self.project)
        with Warehouse(self.store) as warehouse:
            found = differences(warehouse, engine, public_tables(self.runs["duckdb"].manifest))
        engine.close()
        return found


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("deliveries")
    generate(folder / "sample", seed=SEED)
    first_delivery(folder / "sample", folder / "first")
    second_delivery(folder / "sample", folder / "second")
    return folder / "first", folder / "second"


def test_every_mart_and_metric_is_equal_after_each_delivery_and_after_a_full_rebuild(
    server: PostgresServer, deliveries: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = deliveries
    refreshed = Company(copy_project(tmp_path / "refreshed"), {})

    refreshed.build(first)
    assert refreshed.differences() == []
    after_first = _counts(refreshed.store)

    refreshed.build(second)
    assert refreshed.differences() == []
    assert _counts(refreshed.store) != after_first, "the second delivery changes nothing, so it tests nothing"

    server.create_database("rebuilt")
    monkeypatch.setenv("PGDATABASE", "rebuilt")
    rebuilt = Company(copy_project(tmp_path / "rebuilt"), {})
    rebuilt.build(first, second)
    assert rebuilt.differences() == []
    with Warehouse(refreshed.store) as one, Warehouse(rebuilt.store) as other:
        assert differences(one, other, public_tables(rebuilt.runs["duckdb"].manifest)) == []


def _counts(store: Path) -> dict[str, Any]:
    with Warehouse(store) as warehouse:
        return {
            name: warehouse.read(name).hash_rows().sum()
            for name in ("marts.fct_insights", "marts.fct_survey_responses", "metrics.metric_values")
        }
