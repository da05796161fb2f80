"""Exact rolling P90 of every group and day, against the ways people usually compute it.

    python -m tests.benchmarks.bench_percentile [--rows 1e6 1e7 1e8] [--order random|day] [--label int|text]

One Parquet file per size (fixed seed, 100 groups, 730 days, kept in the temporary folder) is read by every contender,
each in a process of its own so that its peak memory is its own, three times, of which the best counts. The clock runs
from opening the file to a frame of one row per group and day; libraries are imported before. Results are compared
before any time is printed. The floor is a plain count by group and day over the same file, by whichever engine is
quicker at it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from metrics_py import rolling_percentile
from tests.peak_memory import peak_megabytes

FIRST_DAY = date(2024, 1, 1)
DAYS, GROUPS, LONGEST = 730, 100, 400
ONLY_POLARS_FROM = 50_000_000  # DuckDB's windows and pandas need minutes and tens of gigabytes there
KEYS = ["person_id", "day"]


def generate(path: Path, rows: int, *, days: int, order: str, label: str) -> None:
    """Launches spread evenly over groups and days, durations log-normal with a median of 24 days."""
    import numpy as np
    import pyarrow.parquet

    source = np.random.default_rng(20250101)
    writer = None
    batch = 5_000_000
    for first in range(0, rows, batch):
        size = min(batch, rows - first)
        # in order of day, each batch covers its own stretch of the calendar
        span = (days * first // rows, -(-days * (first + size) // rows)) if order == "day" else (0, days)
        offset = source.integers(*span, size)
        if order == "day":
            offset.sort()
        person = pl.Series("person_id", source.integers(0, GROUPS, size), dtype=pl.Int32)
        frame = pl.DataFrame(
            {
                "person_id": person if label == "int" else "product-manager-" + person.cast(pl.String),
                "launched_on": pl.Series(offset + (FIRST_DAY - date(1970, 1, 1)).days, dtype=pl.Int32).cast(pl.Date),
                "cycle_days": pl.Series(np.minimum(source.lognormal(3.2, 0.7, size), LONGEST), dtype=pl.Int32),
            }
        ).to_arrow()
        writer = writer or pyarrow.parquet.ParquetWriter(path, frame.schema)
        writer.write_table(frame, row_group_size=1_000_000)
    if writer:
        writer.close()


def by_counting(path: str, method: str) -> pl.DataFrame:
    return rolling_percentile(
        pl.scan_parquet(path), value="cycle_days", at="launched_on", by="person_id", method=method
    )


def by_polars(path: str, method: str) -> pl.DataFrame:
    interpolation = {"disc": "equiprobable", "cont": "linear"}[method]
    window = pl.col("cycle_days").rolling_quantile_by(
        "launched_on", window_size="90d", quantile=0.9, interpolation=interpolation
    )
    rows = pl.scan_parquet(path).sort("launched_on")
    return rows.select("person_id", day="launched_on", value=window.over("person_id")).unique(KEYS).collect()


def by_duckdb(path: str, method: str) -> pl.DataFrame:
    return duckdb.sql(
        f"""
        select distinct person_id, launched_on as day, quantile_{method}(cycle_days, 0.9) over (
            partition by person_id order by launched_on range between interval 89 days preceding and current row
        ) as value
        from '{path}'
        """
    ).pl()


def by_pandas(path: str, method: str) -> pl.DataFrame:
    import pandas as pd

    rows = pd.read_parquet(path).sort_values(["person_id", "launched_on"])
    rows["launched_on"] = pd.to_datetime(rows["launched_on"])
    windows = rows.set_index("launched_on").groupby("person_id")["cycle_days"].rolling("90D").quantile(0.9)
    last = windows.groupby(level=[0, 1]).last().reset_index()
    last.columns = [*KEYS, "value"]
    return pl.from_pandas(last).with_columns(pl.col("day").cast(pl.Date))


def floor_by_polars(path: str, _: str) -> pl.DataFrame:
    counted = pl.scan_parquet(path).group_by("person_id", pl.col("launched_on").alias("day"))
    return counted.agg(pl.len().alias("value")).collect(engine="streaming")


def floor_by_duckdb(path: str, _: str) -> pl.DataFrame:
    return duckdb.sql(f"select person_id, launched_on as day, count(*) as value from '{path}' group by all").pl()


OURS: dict[str, Callable[[str, str], pl.DataFrame]] = {"metrics_py": by_counting}
FLOORS = {"polars group_by count": floor_by_polars, "duckdb group by count": floor_by_duckdb}
PEERS = {
    "polars rolling_quantile_by": by_polars,
    "duckdb quantile over window": by_duckdb,
    "pandas rolling": by_pandas,
}


def measure(name: str, path: str, method: str, repeats: int, output: str) -> None:
    """Run one contender here; print its best time in seconds and the peak memory of this process in bytes."""
    contender = (OURS | FLOORS | PEERS)[name]
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.parquet"
        pl.scan_parquet(path).head(1_000).sink_parquet(small)
        contender(str(small), method)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = contender(path, method)
        times.append(time.perf_counter() - began)
    result.write_parquet(output)
    print(json.dumps({"seconds": min(times), "megabytes": peak_megabytes()}))


def run(name: str, path: Path, method: str, repeats: int) -> tuple[dict[str, float], pl.DataFrame]:
    """Measure one contender in a process of its own; its figures and its result."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "result.parquet"
        command = [sys.executable, "-m", "tests.benchmarks.bench_percentile", "--measure", name]
        command += [str(path), method, str(repeats), str(output)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1]), pl.read_parquet(output)


def require_same(ours: pl.DataFrame, theirs: pl.DataFrame, name: str) -> None:
    """Refuse to print a time unless every window that has rows agrees to 1e-9."""
    both = ours.filter(pl.col("n") > 0).join(theirs.cast({"person_id": ours.schema["person_id"]}), on=KEYS, how="full")
    apart = both.filter(((pl.col("value") - pl.col("value_right")).abs() <= 1e-9).fill_null(False).not_())
    if apart.height:
        raise SystemExit(f"{name} gives another answer on {apart.height} of {both.height} windows:\n{apart.head()}")


def require_same_counts(ours: pl.DataFrame, floor: pl.DataFrame, name: str) -> None:
    """Refuse to print a time unless the counts of each day add up to the n of every window."""
    summed = floor.sort("day").select(
        *KEYS, pl.col("value").cast(pl.Int64).rolling_sum_by("day", window_size="90d").over("person_id")
    )
    require_same(ours.select(*KEYS, "n", value="n"), summed, name)


def compare(path: Path, rows: int) -> None:
    """Run every contender on one file, check that they agree, then print the table."""
    is_huge = rows >= ONLY_POLARS_FROM
    floors = {name: run(name, path, "disc", 3) for name in FLOORS}
    floor = min(figures["seconds"] for figures, _ in floors.values())
    table = {name: (figures, None) for name, (figures, _) in floors.items()}
    for method in ("disc",) if is_huge else ("disc", "cont"):
        own, ours = run("metrics_py", path, method, 3)
        table[f"metrics_py {method}"] = own, own["seconds"]
        for name, (_, counts) in floors.items():
            require_same_counts(ours, counts, name)
        for name in list(PEERS)[:1] if is_huge else PEERS:
            if (name, method) != ("pandas rolling", "disc"):  # pandas has no nearest-rank percentile
                figures, theirs = run(name, path, method, 1 if is_huge else 3)
                require_same(ours, theirs, name)
                table[f"{name} {method}"] = figures, own["seconds"]
    print(f"\n{rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB of Parquet; all results agree")
    if is_huge:
        print("polars once instead of best of 3; duckdb, pandas and cont left out: minutes and tens of gigabytes")
    print(f"{'':34}{'seconds':>9}{'x floor':>9}{'x ours':>8}{'peak MB':>9}")
    for name, (figures, ours_seconds) in table.items():
        seconds = figures["seconds"]
        against_ours = f"{seconds / ours_seconds:8.1f}" if ours_seconds else " " * 8
        print(f"{name:34}{seconds:9.3f}{seconds / floor:9.1f}{against_ours}{figures['megabytes']:9,}", flush=True)


def one_more_day(path: Path, rows: int) -> None:
    """Time the newest day alone on a history counted before, after checking it against the whole history's."""
    history = pl.scan_parquet(path).group_by("person_id", "launched_on", "cycle_days").agg(launches=pl.len()).collect()
    asked = {"value": "cycle_days", "at": "launched_on", "by": "person_id", "count": "launches"}
    day = history["launched_on"].max()
    whole = rolling_percentile(history, **asked)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        newest = rolling_percentile(history, start=day, end=day, **asked)
        times.append(time.perf_counter() - began)
    if not newest.equals(whole.filter(pl.col("day") == day)):
        raise SystemExit("the newest day alone differs from the newest day of the whole history")
    print(f"one more day on three years ({rows:,} launches, {history.height:,} counts): {min(times) * 1000:.0f} ms")


def input_file(rows: int, days: int, order: str, label: str) -> Path:
    """The file of this shape, made once."""
    folder = Path(tempfile.gettempdir()) / "bench_percentile"
    folder.mkdir(exist_ok=True)
    path = folder / f"{rows}_{days}_{order}_{label}.parquet"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        generate(unfinished, rows, days=days, order=order, label=label)
        unfinished.replace(path)
    return path


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        name, path, method, repeats, output = sys.argv[2:]
        measure(name, path, method, int(repeats), output)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=float, nargs="+", default=[1e6, 1e7])
    parser.add_argument("--order", choices=["random", "day"], default="random")
    parser.add_argument("--label", choices=["int", "text"], default="int")
    asked = parser.parse_args()
    for rows in map(int, asked.rows):
        compare(input_file(rows, DAYS, asked.order, asked.label), rows)
    for rows in (10_000, 10_000_000):
        one_more_day(input_file(rows, 3 * 365, asked.order, asked.label), rows)


if __name__ == "__main__":
    main()
