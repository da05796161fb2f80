"""A landing killed at any moment and run again ends with exactly the tables of an undisturbed one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parents[2]
# Small batches, so that there are many transactions to be killed in.
CHILD = """
import sys
from pathlib import Path
from metrics_py.land import land, landing
landing._BATCH_BYTES = 30_000
print("started", flush=True)
land(Path(sys.argv[1]), Path(sys.argv[2]), project=Path(sys.argv[3]))
"""


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    """Full and incremental extracts in several formats and parts, with dirt of every consequence."""
    folder = tmp_path_factory.mktemp("killed") / "extracts"
    draw = random.Random(7)
    for table in ("notes", "companies", "webhook_events"):
        (folder / "productboard" / table).mkdir(parents=True)
    for day in range(1, 29):
        stamp = f"2025-02-{day:02d}T060000Z"
        notes = [{"id": f"n-{number}", "name": draw.choice("abc")} for number in range(120) if draw.random() < 0.95]
        notes += [{"id": "n-1", "name": "twice"}, {"id": "n-2", "processed": "perhaps"}]
        text = "".join(json.dumps(row) + "\n" for row in notes)
        _write(folder / f"productboard/notes/{stamp}.jsonl", text + ('{"id": ' if day % 9 == 0 else ""))
        companies = [f"c-{number},{draw.choice('xyz')}" for number in range(80)]
        _write(folder / f"productboard/companies/{stamp}-1.csv", "\n".join(["id,name", *companies[:40]]))
        _write(folder / f"productboard/companies/{stamp}-2.csv", "\n".join(["id,name", *companies[38:]]))
        _write(
            folder / f"productboard/webhook_events/{stamp}.jsonl",
            "".join(
                json.dumps(
                    {
                        "delivery_id": f"d-{number}",
                        "received_at": f"2025-02-{draw.choice([1, day, 30]):02d}T00:00:00Z",
                        "event_type": "note.updated",
                        "entity_id": "n-1",
                    }
                )
                + "\n"
                for number in range(3 * day, 3 * day + 30)
            ),
        )
    _write(folder / "productboard/companies/2025-02-20T060000Z-3.csv", '{"id": "c-1"}')
    return folder


def _write(path, text):
    path.write_text(text)


def start(extracts, warehouse):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(extracts), str(warehouse), str(PROJECT)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"started\n"
    return child


def tables(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() union all "
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
        return {name: connection.execute(f"select * from {name} order by all").fetchall() for (name,) in names}


@pytest.mark.slow
def test_kills_at_random_moments_leave_no_trace(extracts, tmp_path):
    began = time.monotonic()
    undisturbed = start(extracts, tmp_path / "undisturbed.duckdb")
    assert undisturbed.wait() == 0
    seconds = time.monotonic() - began
    expected = tables(tmp_path / "undisturbed.duckdb")
    assert len(expected["raw.raw_extracts"]) == 28 * 4
    assert len(expected["raw.raw_quarantine"]) > 100

    draw = random.Random(11)
    survivors = 0
    for number in range(4):
        warehouse = tmp_path / f"killed-{number}.duckdb"
        for _ in range(3):
            child = start(extracts, warehouse)
            time.sleep(draw.uniform(0, seconds / 2))
            child.send_signal(signal.SIGKILL)
            survivors += child.wait() == 0
        assert start(extracts, warehouse).wait() == 0
        assert tables(warehouse) == expected
    assert survivors < 12, "every landing ended before it was killed"
