import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from metrics_py.files import turn

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("models", "macros", "seeds", "tests/dbt", "dbt_project.yml", "profiles.example.yml")


@dataclass(frozen=True)
class Run:
    """One command that ran to its end."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Company:
    """A sample company, landed and built in a project folder of its own."""

    project: Path
    sample: Path
    build: Run

    @property
    def warehouse(self) -> Path:
        return self.project / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.project / "published"

    def truth(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.sample / "truth" / f"{name}.parquet")

    def table(self, name: str) -> pl.DataFrame:
        """A published table."""
        return pl.read_parquet(self.published / "parquet" / f"{name}.parquet")

    def query(self, sql: str) -> pl.DataFrame:
        """Rows of the build file."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.sql(sql).pl()


def run(*arguments: object) -> Run:
    """The command as a user runs it, in a process of its own."""
    command = [sys.executable, "-m", "metrics_py", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=1200)
    return Run(done.returncode, done.stdout, done.stderr)


def copy_project(folder: Path) -> Path:
    """The dbt project in a folder of its own, so that builds of different companies do not meet."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return folder


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Company]:
    """Makes a built company per seed: once for all processes that run tests, and a copy for each of them."""
    made: dict[str, Company] = {}
    everyones = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        everyones = everyones.parent

    def make(seed: int, *, clean: bool = False) -> Company:
        name = f"company-{seed}{'-clean' if clean else ''}"
        if name not in made:
            with turn(everyones / f"{name}.lock"):
                said = everyones / name / "build.json"
                if not said.exists():
                    _build(everyones / name, seed, clean, said)
                folder = tmp_path_factory.mktemp(name)
                shutil.copytree(everyones / name, folder, symlinks=True, dirs_exist_ok=True)
            made[name] = Company(folder / "project", folder / "sample", Run(*json.loads(said.read_text())))
        return made[name]

    return make


def _build(folder: Path, seed: int, clean: bool, said: Path) -> None:
    sample = folder / "sample"
    drawn = run("sample", "--out", sample, "--seed", seed, *(["--clean"] if clean else []))
    assert drawn.code == 0, drawn.err
    built = run("build", "--project-dir", copy_project(folder / "project"), "--extracts", sample)
    assert built.code in (0, 1), built.out + built.err
    said.write_text(json.dumps([built.code, built.out, built.err]))
