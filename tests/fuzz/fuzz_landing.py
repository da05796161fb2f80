"""`make fuzz`: coverage-guided fuzzing of landing, for ten minutes unless told otherwise.

    python tests/fuzz/fuzz_landing.py -max_total_time=600

Needs atheris, which is in no environment of the project: `pip install atheris` into one of your own. Each input is a
file of one of the forms; landing must end with every record landed, quarantined or its file refused, and raise nothing.
"""

import gzip
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["metrics_py"]):
    from metrics_py.land import land

import duckdb

PROJECT = Path(__file__).resolve().parents[2]
ENDINGS = ("jsonl", "csv", "jsonl.gz", "csv.gz", "parquet")
TABLES = ("productboard/notes", "product_ops/feature_kpi_reading", "crm/account_arr", "productboard/webhook_events")
STARTS = {
    "csv": b"id,name,processed,feature_id,kpi_id,window_days,value,measured_at,account_id,month,currency\n",
    "jsonl": b'{"id": "n-1", "feature_id": "f", "kpi_id": "k", "account_id": "a", "month": "2025-01-01"}\n',
}

folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
(folder / "empty").mkdir()
land(folder / "empty", folder / "empty.duckdb", project=PROJECT)


def one_input(data: bytes) -> None:
    """Land one file; the quarantine and the raw table together hold what the log counted."""
    if len(data) < 3:
        return
    ending, table = ENDINGS[data[0] % len(ENDINGS)], TABLES[data[1] % len(TABLES)]
    content = data[3:]
    if data[2] % 2 and ending != "parquet":
        content = STARTS[ending.partition(".")[0]] + content
    if ending.endswith(".gz") and data[2] % 3:
        content = gzip.compress(content)
    extracts = folder / "extracts"
    shutil.rmtree(extracts, ignore_errors=True)
    path = extracts / table / f"2025-03-03T060000Z.{ending}"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    warehouse = folder / "warehouse.duckdb"
    shutil.copyfile(folder / "empty.duckdb", warehouse)
    report = land(extracts, warehouse, project=PROJECT)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (quarantined,) = connection.execute("select count(*) from raw.raw_quarantine").fetchone()
        (landed,) = connection.execute(f"select count(*) from raw_{table.replace('/', '.')}").fetchone()
        counted = connection.execute(
            "select row_count, landed_count, quarantined_count from raw.raw_extracts"
        ).fetchall()
    if report.refused:
        assert (landed, quarantined, counted) == (0, 0, []), (landed, quarantined, counted)
    for rows, new, bad in counted:
        assert (landed, quarantined) == (new, bad), (landed, quarantined, counted)
        assert rows >= new, counted


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
