"""Faults in the data of a good company: each is caught, by name, and by nothing that has no business with it.

A good company breaks nothing: the sample of two seeds, dirt and all, and a clean one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from metrics_py.land import land
from metrics_py.quality.runner import Checker, check
from metrics_py.quality.tables import tables_of
from tests.e2e import conftest
from tests.e2e.conftest import ROOT, Company
from tests.faults.quality_faults.catalogue import FAULTS, as_markdown, with_table
from tests.faults.quality_faults.fault import Fault

pytestmark = pytest.mark.nightly

# The fixture of the end-to-end tests.
company = conftest.company

SUITES = ROOT / "quality" / "suites.yml"
AS_OF = datetime.fromisoformat("2026-01-31T06:00:00Z")
NEXT_EXTRACT = "2026-02-01T060000Z"


def planted(place: str) -> list[Fault]:
    return [fault for fault in FAULTS if fault.place == place]


def named(faults: list[Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults, ids=[fault.name.replace(" ", "_") for fault in faults])


@pytest.fixture(scope="module")
def checker() -> Checker:
    return Checker.load(SUITES, ROOT, ("raw", "published"))


@pytest.fixture(scope="module")
def landed(
    company: Callable[..., Company], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse whose changes are rolled back after each fault."""
    place = tmp_path_factory.mktemp("landed") / "warehouse.duckdb"
    shutil.copyfile(company(1).warehouse, place)
    with duckdb.connect(str(place)) as connection:
        yield connection


@pytest.fixture(scope="module")
def published(
    company: Callable[..., Company], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    place = tmp_path_factory.mktemp("published") / "snapshot.duckdb"
    shutil.copyfile(company(1).published / "product_metrics.duckdb", place)
    with duckdb.connect(str(place)) as connection:
        yield connection


@pytest.mark.parametrize(("seed", "clean"), [(1, False), (2, False), (1, True)])
def test_a_good_company_breaks_nothing(company: Callable[..., Company], seed: int, clean: bool) -> None:
    built = company(seed, clean=clean)
    report = check(
        ("raw", "published"), suites=SUITES, project=ROOT, warehouse=built.warehouse, published=built.published
    )
    assert report.broken == set(), [(result.expectation.name, result.outcome) for result in report.failed]
    assert report.exit_code == 0


@named(planted("the landed rows"))
def test_a_fault_in_the_landed_rows_is_caught(
    fault: Fault, checker: Checker, landed: duckdb.DuckDBPyConnection
) -> None:
    landed.execute("begin")
    try:
        landed.execute(fault.change)
        assert checker.run("raw", landed, as_of=AS_OF).broken == set(fault.caught_by)
    finally:
        landed.execute("rollback")


@named(planted("the passing of time"))
def test_silence_is_caught_as_time_passes(fault: Fault, checker: Checker, landed: duckdb.DuckDBPyConnection) -> None:
    report = checker.run("raw", landed, as_of=datetime.fromisoformat(fault.change))
    assert report.broken == set(fault.caught_by)


@named(planted("the published tables"))
def test_a_fault_in_the_published_tables_is_caught(
    fault: Fault, checker: Checker, published: duckdb.DuckDBPyConnection
) -> None:
    tables = tables_of(ROOT, "published").values()
    rows = {t.label: published.execute(f"select count(*) from {t.relation}").fetchall()[0][0] for t in tables}
    published.execute("begin")
    try:
        published.execute(fault.change)
        assert checker.run("published", published, as_of=AS_OF, stated_rows=rows).broken == set(fault.caught_by)
    finally:
        published.execute("rollback")


def extract_again(company: Company, folder: Path, table: str, change: str) -> Path:
    """A copy of the warehouse after one more extract of a table: the newest one, changed by a query."""
    warehouse = folder / "warehouse.duckdb"
    shutil.copyfile(company.warehouse, warehouse)
    source, name = table.split(".")
    file = folder / "extracts" / source / name / f"{NEXT_EXTRACT}.jsonl"
    file.parent.mkdir(parents=True)
    columns = ", ".join(f'"{column}"' for column in tables_of(ROOT, "raw")[table].own_columns)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(
            f"create temp view extract as select {columns} from raw_{source}.{name} "
            f"inner join raw_{source}.{name}__presence using (_row_hash) "
            f"where not {tables_of(ROOT, 'raw')[table].is_full} "
            f"or last_seen_extract = (select max(last_seen_extract) from raw_{source}.{name}__presence) "
            "qualify row_number() over (partition by _row_key order by first_seen_extract desc) = 1"
        )
        connection.execute(f"copy ({change}) to '{file}' (format json)")
    report = land(folder / "extracts", warehouse, project=ROOT)
    assert not report.refused
    return warehouse


@named(planted("a new extract"))
def test_a_fault_in_a_new_extract_is_caught(
    fault: Fault, checker: Checker, company: Callable[..., Company], tmp_path: Path
) -> None:
    warehouse = extract_again(company(1), tmp_path, fault.table, fault.change)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        report = checker.run("raw", connection, as_of=datetime.fromisoformat("2026-02-01T06:00:00Z"))
    assert report.broken == set(fault.caught_by)


@pytest.mark.parametrize("table", sorted({fault.table for fault in planted("a new extract")}))
def test_an_extract_as_good_as_the_last_breaks_nothing(
    table: str, checker: Checker, company: Callable[..., Company], tmp_path: Path
) -> None:
    warehouse = extract_again(company(1), tmp_path, table, "select * from extract")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        report = checker.run("raw", connection, as_of=datetime.fromisoformat("2026-02-01T06:00:00Z"))
    assert report.broken == set()


def test_faults_in_built_tables_are_caught_by_dbt_tests(company: Callable[..., Company], tmp_path: Path) -> None:
    built = company(1)
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copyfile(built.warehouse, warehouse)
    faults = planted("the built tables")
    with duckdb.connect(str(warehouse)) as connection:
        for fault in faults:
            connection.execute(fault.change)
    names = sorted(name for fault in faults for name in fault.caught_by)
    command = [
        sys.executable,
        "-c",
        "from dbt.cli.main import cli; cli()",
        "--no-use-colors",
        "--log-level-file",
        "none",
    ]
    command += ["test", "--profiles-dir", str(tmp_path), "--target-path", str(tmp_path / "target"), "--select", *names]
    shutil.copyfile(built.project / "profiles.example.yml", tmp_path / "profiles.yml")
    environment = os.environ | {"METRICS_WAREHOUSE": str(warehouse), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=built.project, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert [name for name in names if f"Failure in test {name} " in done.stdout] == names, done.stdout


def test_the_documentation_shows_these_faults() -> None:
    page = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    assert with_table(page, as_markdown()) == page
    assert len(FAULTS) >= 25
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
