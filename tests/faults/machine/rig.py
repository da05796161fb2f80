"""What every fault is tried on: a company cut small, built once undisturbed, and ways to say that two are the same."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tests.peak_memory import peak_megabytes

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("models", "macros", "seeds", "tests/dbt", "dbt_project.yml", "profiles.example.yml")


@dataclass(frozen=True)
class Done:
    """A command that ran to its end: exit code, output, seconds and peak memory in MB."""

    code: int
    out: str
    err: str
    seconds: float
    peak: int


def run(*arguments, environment=None, python=(), cwd=ROOT, **options):
    """The command `metrics-py` as a user runs it."""
    began = time.monotonic()
    command = [sys.executable, *python, "-m", "metrics_py", *map(str, arguments)]
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        **options,
    )
    peak = 0
    while True:
        try:
            out, err = child.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            peak = max(peak, peak_megabytes(child.pid))
    return Done(child.returncode, out, err, time.monotonic() - began, peak)


def copy_project(folder):
    """The dbt project in a folder of its own."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
    return folder


def small_company(folder, *, sample=None):
    """Extracts of the sample company: the first, the middle and the last of every table.

    Args:
        folder: receives `extracts/`.
        sample: a sample already drawn, to save the time.
    """
    if sample is None:
        sample = folder / "sample"
        drawn = run("sample", "--out", sample, "--seed", 1)
        assert drawn.code == 0, drawn.err
    kept = folder / "extracts"
    for table in sorted((sample / "extracts").glob("*/*")):
        files = sorted(table.iterdir())
        target = kept / table.relative_to(sample / "extracts")
        target.mkdir(parents=True, exist_ok=True)
        for index in sorted({0, len(files) // 2, len(files) - 1}):
            shutil.copyfile(files[index], target / files[index].name)
    return kept


def published(project):
    """What readers get, byte for byte: SHA-256 of every published file and page.

    The DuckDB file is told by its rows, since the engine writes a random identifier into each file.
    """
    folder = (project / "published" / "current").resolve()
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb" and path.name != "SHA256SUMS"
    }
    found |= {f"site/{name}": hashlib.sha256(page).hexdigest() for name, page in pages(project).items()}
    with duckdb.connect(str(folder / "product_metrics.duckdb"), read_only=True) as connection:
        return found | {f"duckdb {name}": _content(connection, name) for name in _tables(connection)}


def pages(project):
    """The pages of the site and the files beside them: bytes by address."""
    site = project / "site"
    files = [path for path in sorted(site.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in files}


def is_whole(published_folder):
    """True when the current generation is complete: every file has the checksum it was published with."""
    current = published_folder / "current"
    if not current.is_symlink():
        return True
    folder = current.resolve()
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return bool(lines) and all(
        _sha256(folder / name) == digest for digest, name in (line.split("  ", 1) for line in lines)
    )


def raw_rows(warehouse):
    """What has landed: per raw table, the number of rows and a hash of them in any order."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {name: _content(connection, name) for name in _tables(connection, "raw%")}


def row_difference(expected, found, schemas):
    """Rows lost and doubled (or invented) in the DuckDB file `found` against `expected`, of schemas like a pattern."""
    with duckdb.connect(str(expected), read_only=True) as connection:
        names = _tables(connection, schemas)
    with duckdb.connect() as connection:
        for alias, path in (("a", expected), ("b", found)):
            connection.execute(f"attach '{path}' as {alias} (read_only)")
        lost = doubled = 0
        for name in names:
            left, right = f"select * from a.{name}", f"select * from b.{name}"
            lost += _count(connection, f"{left} except all {right}")
            doubled += _count(connection, f"{right} except all {left}")
        return lost, doubled


def _content(connection, name):
    return connection.execute(f"select count(*), sum(hash(t)) from {name} as t").fetchone()


def _tables(connection, schemas="%"):
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() "
        "and schema_name like ? and not internal order by all",
        [schemas],
    ).fetchall()
    return [f'"{schema}"."{table}"' for schema, table in rows]


def _count(connection, query):
    return connection.execute(f"select count(*) from ({query})").fetchone()[0]


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
