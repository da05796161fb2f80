"""`make fuzz`: coverage-guided fuzzing of landing, for ten minutes unless told otherwise.

    python tests/fuzz/fuzz_landing.py -max_total_time=600

Needs atheris, which is in no environment of the project. Each input becomes up to three extract files of several forms,
tables and times. All of it must be landed, quarantined or refused by name, with counts that add up; and landing the
same files again must change nothing. Every other input is given to the readers of text alone, as it is.
"""

import io
import random
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["metrics_py"]):
    from metrics_py.errors import RefusedFileError
    from metrics_py.land import land, landing
    from metrics_py.land.contract import load
    from metrics_py.land.csv_records import CsvRecords, is_plain_csv, without_bad_bytes
    from metrics_py.land.files import time_in
    from metrics_py.land.json_lines import broken_json
    from metrics_py.land.records import check_start

import duckdb

sys.path.insert(0, str(Path(__file__).parent))
from extract_files import TABLES, extract_file

PROJECT = Path(__file__).resolve().parents[2]
CONTRACT = load(PROJECT)
# In memory where there is such a place, since a landing waits for the disk several times.
MEMORY = Path("/dev/shm")

folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=MEMORY if MEMORY.is_dir() else None))
(folder / "empty").mkdir()
land(folder / "empty", folder / "empty.duckdb", project=PROJECT)
# Reading the contract is half of a small landing, and it is the same each time.
landing.load = lambda _: CONTRACT


def one_input(data: bytes) -> None:
    """Land what the bytes stand for, or give them to the readers of text."""
    provider = atheris.FuzzedDataProvider(data)
    if provider.ConsumeIntInRange(0, 1):
        _read(provider.ConsumeBytes(len(data)))
        return
    extracts = folder / "extracts"
    shutil.rmtree(extracts, ignore_errors=True)
    for _ in range(provider.ConsumeIntInRange(1, 3)):
        name, content = extract_file(provider, CONTRACT)
        path = extracts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    warehouse = folder / "warehouse.duckdb"
    shutil.copyfile(folder / "empty.duckdb", warehouse)
    report = land(extracts, warehouse, project=PROJECT)
    first = _counts(warehouse)
    files = {path.relative_to(extracts).as_posix() for path in extracts.rglob("*") if path.is_file()}
    refused, logged = {refusal.file for refusal in report.refused}, {file for file, *_ in first["log"]}
    assert not refused & logged, (refused, logged)
    assert len(refused) + len(logged) + len(report.empty) + report.known == len(files), (files, report)
    for table in TABLES:
        mine = [entry for entry in first["log"] if entry[0].startswith(f"{table}/")]
        assert first[table] == sum(entry[2] for entry in mine), (table, first)
    assert first["quarantine"] == sum(entry[3] for entry in first["log"]), first
    assert all(entry[1] >= entry[2] for entry in first["log"]), first
    if not provider.ConsumeIntInRange(0, 2):
        land(extracts, warehouse, project=PROJECT)
        assert _counts(warehouse) == first, (first, _counts(warehouse))


def _counts(warehouse: Path) -> dict[str, object]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def ask(query: str) -> list[tuple[object, ...]]:
            return connection.execute(query).fetchall()

        counts = {table: ask(f"select count(*) from raw_{table.replace('/', '.')}")[0][0] for table in TABLES}
        counts["quarantine"] = ask("select count(*) from raw.raw_quarantine")[0][0]
        counts["log"] = ask(
            "select file, row_count, landed_count, quarantined_count from raw.raw_extracts order by all"
        )
        return counts


def _read(data: bytes) -> None:
    for table in (CONTRACT.table("crm", "account_arr"), CONTRACT.table("productboard", "notes")):
        try:
            check_start(data[:4096], "csv")
            records = CsvRecords(io.BytesIO(data), table)
            for number, record in enumerate(records, start=1):
                clean = without_bad_bytes(record)
                assert record.number == number
                assert len(clean.fields) == len(records.names)
                assert clean.broken or None not in clean.fields
        except RefusedFileError:
            pass
        for line in data.split(b"\n"):
            reason, readable = broken_json(line, table.key)
            assert reason
            assert isinstance(readable, str)
    is_plain_csv(data)
    time_in(data.decode("utf-8", "replace"), "UTC", "America/Phoenix")


def _seeds() -> Path:
    """Inputs to begin with, long enough for several files of several records."""
    seeds, draw = folder / "seeds", random.Random(1)
    seeds.mkdir()
    for number in range(100):
        (seeds / str(number)).write_bytes(draw.randbytes(draw.randrange(20, 3000)))
    return seeds


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=4096", "-len_control=0", str(_seeds())], one_input)
    try:
        atheris.Fuzz()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
