"""dbt by itself, as an analytics engineer with a profile runs it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics_py.refresh import RECORD
from metrics_py.warehouse import Warehouse
from tests.e2e.conftest import Company


def dbt(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", *arguments]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="module")
def project(company: Callable[..., Company]) -> Path:
    built = company(1, clean=True)
    shutil.copyfile(built.project / "profiles.example.yml", built.project / "profiles.yml")
    return built.project


def test_dbt_alone_takes_away_the_record_that_a_refresh_goes_by(project: Path) -> None:
    with Warehouse(project / "warehouse.duckdb") as warehouse:
        assert warehouse.has(RECORD)
    done = dbt(project, "run", "--select", "dim_metrics")
    assert done.returncode == 0, done.stdout[-3000:]
    with Warehouse(project / "warehouse.duckdb") as warehouse:
        assert not warehouse.has(RECORD)


def test_a_build_with_warnings_as_errors_is_clean(project: Path) -> None:
    done = dbt(project, "--warn-error", "build")
    assert done.returncode == 0, done.stdout[-3000:]
    assert " ERROR=0 " in done.stdout
    assert "unit tests" in done.stdout


def test_freshness_is_measured_against_as_of(project: Path) -> None:
    done = dbt(project, "source", "freshness")
    assert done.returncode == 0, done.stdout[-3000:]
    # Ten months later by the wall clock every table would be stale.
    assert "PASS freshness of productboard.notes" in done.stdout


def test_the_docs_site_is_one_page(project: Path) -> None:
    done = dbt(project, "docs", "generate", "--static")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "fct_insights" in (project / "target" / "static_index.html").read_text(encoding="utf-8")
