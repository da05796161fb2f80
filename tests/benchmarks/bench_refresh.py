"""A whole build and a refresh with one more day, each with its wall time and peak memory, at any scale.

The yardstick is the whole build: a refresh may take a tenth of it. Both end with a published snapshot and its pages;
when asked to, every table of the refreshed warehouse is compared with that of a whole build of the same extracts.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.bench_build import timed
from tests.e2e.conftest import copy_project

DAY = "2026-01-31"


def hold_back(sample: Path, later: Path) -> None:
    """Move the extracts of the last day out of a sample."""
    for file in sorted((sample / "extracts").rglob(f"{DAY}T*")):
        target = later / "extracts" / file.relative_to(sample / "extracts")
        target.parent.mkdir(parents=True, exist_ok=True)
        file.rename(target)


def differing(refreshed: Path, whole: Path) -> list[str]:
    """Tables that are not the same rows in both warehouses; those that say what was refreshed are left out."""
    import duckdb

    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{refreshed}' as one (read_only); attach '{whole}' as other (read_only)")
        connection.execute("set memory_limit = '4GB'")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'one' "
            "and schema_name in ('seeds', 'intermediate', 'marts', 'metrics') "
            "and table_name not like 'int_insights__touched%' order by all"
        ).fetchall()
        for schema, table in tables:
            name = f'"{schema}"."{table}"'
            sums = [
                connection.execute(f"select count(*), sum(hash(rows)::hugeint) from {side}.{name} as rows").fetchall()
                for side in ("one", "other")
            ]
            if sums[0] != sums[1]:
                found.append(f"{schema}.{table}")
    return found


def measure(folder: Path, *, scale: int, teams: int | None, every: int, is_compared: bool) -> float:
    """Print the figures and return the refresh's share of the whole build."""
    project, sample, later = copy_project(folder / "project"), folder / "sample", folder / "later"
    size = ("--scale", scale, "--every", every, *(("--teams", teams) if teams else ()))

    def run(name: str, *arguments: object) -> float:
        seconds, memory, code = timed(*arguments)
        if code not in (0, 1):
            raise SystemExit(
                f"{name} exited with {code}; run it to see why: metrics-py {' '.join(map(str, arguments))}"
            )
        print(f"{name:<28} {seconds:>8.1f} s  {memory:>5.2f} GB", flush=True)
        return seconds

    run("sample", "sample", "--out", sample, *size)
    hold_back(sample, later)
    place = ("--project-dir", project)
    whole = run("land all but the last day", "land", sample, *place)
    whole += run("build whole", "build", *place)
    refresh = run("refresh with the last day", "build", "--extracts", later, *place)
    print(f"the refresh takes {refresh / whole:.3f} of landing and building the whole")
    if is_compared:
        kept = folder / "refreshed.duckdb"
        shutil.copyfile(project / "warehouse.duckdb", kept)
        run("build the same whole", "build", "--full-refresh", *place)
        found = differing(kept, project / "warehouse.duckdb")
        print("every table is the same" if not found else f"tables that differ: {', '.join(found)}")
        if found:
            raise SystemExit(1)
    return refresh / whole


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one scale."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bench_refresh", description=__doc__)
    parser.add_argument("--scale", type=int, default=1000)
    parser.add_argument("--teams", type=int, default=None, help="see metrics-py sample (default: the scale)")
    parser.add_argument("--every", type=int, default=1, help="see metrics-py sample (default: 1, all 110 extracts)")
    parser.add_argument("--folder", type=Path, help="where to work, new or empty (default: a temporary folder)")
    parser.add_argument("--compare", action="store_true", help="build whole again and compare every table")
    parsed = parser.parse_args(arguments)
    options = {"scale": parsed.scale, "teams": parsed.teams, "every": parsed.every, "is_compared": parsed.compare}
    if parsed.folder:
        parsed.folder.mkdir(parents=True, exist_ok=True)
        measure(parsed.folder, **options)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), **options)


if __name__ == "__main__":
    main(sys.argv[1:])
