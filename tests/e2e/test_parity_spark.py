"""The same project on DuckDB and on Spark gives the same tables, built whole and refreshed with a second delivery."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from metrics_py.dbt_run import run_dbt
from metrics_py.engines import Engine, open_engine
from metrics_py.engines.dbt_waves import run_dbt_in_waves
from metrics_py.land import land
from metrics_py.sample import generate
from metrics_py.warehouse import Warehouse
from tests.e2e.conftest import copy_project
from tests.e2e.deliveries import first_delivery, second_delivery, third_delivery
from tests.e2e.parity import differences, public_tables

pytestmark = [
    pytest.mark.slow,
    pytest.mark.nightly,
    pytest.mark.skipif(
        find_spec("pyspark") is None,
        reason="pyspark is not installed; `make engine-spark` makes an environment that has it",
    ),
]
SEED = 7
# Small tables take the time of a compiler and not of a cluster: neither queries nor Spark itself are compiled far.
QUICK = """
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    settings = tmp_path / "quick.conf"
    settings.write_text(QUICK)
    monkeypatch.setenv("METRICS_SPARK_PROPERTIES", str(settings))
    yield copy_project(tmp_path / "project")
    shutil.rmtree(tmp_path / "project" / ".engines", ignore_errors=True)


@pytest.fixture
def engine(project: Path) -> Iterator[Engine]:
    engine = open_engine("spark", project)
    yield engine
    engine.close()


def test_every_mart_and_metric_is_equal_after_each_delivery(engine: Engine, project: Path, tmp_path: Path) -> None:
    generate(tmp_path / "sample", seed=SEED)
    first_delivery(tmp_path / "sample", tmp_path / "first")
    second_delivery(tmp_path / "sample", tmp_path / "second")
    third_delivery(tmp_path / "sample", tmp_path / "second", tmp_path / "third")

    since, whole = _delivered([tmp_path / "first", tmp_path / "second"], project, engine)
    assert since is None
    since, refreshed = _delivered([tmp_path / "third"], project, engine)
    assert since == datetime(2026, 2, 1, 6)
    assert whole != refreshed, "the third delivery changes nothing, so it tests nothing"


def _delivered(deliveries: Sequence[Path], project: Path, engine: Engine) -> tuple[datetime | None, int]:
    """Build deliveries on both engines and compare them; since when both refreshed, and a hash of some table."""
    store = project / "warehouse.duckdb"
    for delivery in deliveries:
        land(delivery, store, project=project)
    on_duckdb = run_dbt(project, store)
    engine.load_raw(store, lambda done, total, table: None)
    on_spark = run_dbt_in_waves(project, engine, store=store)
    assert on_spark.scope == on_duckdb.scope
    assert (on_spark.models, on_spark.tests) == (on_duckdb.models, on_duckdb.tests)
    failed = [[(f.name, f.severity, f.rows) for f in run.failures] for run in (on_duckdb, on_spark)]
    assert failed[0] == failed[1]
    with Warehouse(store) as warehouse:
        assert differences(warehouse, engine, public_tables(on_duckdb.manifest)) == []
        return on_spark.scope.since, int(warehouse.read("metrics.metric_values").hash_rows().sum())
