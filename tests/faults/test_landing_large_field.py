"""A field of 100 MB lands in bounded memory, and a record of that size can be quarantined."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parents[2]
MEGABYTES = 100
CHILD = """
import sys
from pathlib import Path
from metrics_py.land import land
from tests.peak_memory import peak_megabytes
report = land(Path(sys.argv[1]), Path(sys.argv[2]), project=Path(sys.argv[3]))
assert not report.refused, report.refused
print(peak_megabytes())
"""


def peak(folder):
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder / "extracts"), str(folder / "warehouse.duckdb"), str(PROJECT)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_field_of_100_megabytes_lands_in_bounded_memory(tmp_path, ending):
    path = tmp_path / "extracts" / "productboard" / "notes" / f"2025-01-01T060000Z.{ending}"
    path.parent.mkdir(parents=True)
    text = "a long text " * (MEGABYTES * 1_000_000 // 12)
    if ending == "jsonl":
        path.write_text('{"id": "n-1"}\n{"id": "n-2", "content": "' + text + '"}\n{"id": "n-3"}\n')
    else:
        path.write_text('id,content\nn-1,\nn-2,"' + text + '"\nn-3,\n')
    assert peak(tmp_path) < 1200
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        landed = connection.execute("select id, strlen(content) from raw_productboard.notes order by id").fetchall()
    assert landed == [("n-1", None), ("n-2", len(text)), ("n-3", None)]


@pytest.mark.slow
def test_a_record_of_100_megabytes_can_be_quarantined(tmp_path):
    path = tmp_path / "extracts" / "productboard" / "notes" / "2025-01-01T060000Z.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text('{"id": "n-2", "processed": "' + "long " * (MEGABYTES * 200_000) + '"}\n{"id": "n-3"}\n')
    assert peak(tmp_path) < 1800
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        (row,) = connection.execute(
            "select line, column_name, strlen(value), strlen(record) from raw.raw_quarantine"
        ).fetchall()
    assert row == (1, "processed", 1000, path.stat().st_size - 1 - len('{"id": "n-3"}\n'))
