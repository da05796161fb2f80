"""Clients that are not ours read the snapshot while it is replaced under them: none fails, none sees two at once.

METRICS_CLIENT_READS sets how often each client reads (100 in the ordinary suite). METRICS_CLIENT_BUILDS=n lets them
read while a company is built n times, each time with a few more extracts, which takes minutes.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics_py.publish import publish
from tests.e2e.clients import READERS, Client, interpreter
from tests.e2e.conftest import copy_project, run
from tests.unit.publish.conftest import build_warehouse, model

READS = int(os.environ.get("METRICS_CLIENT_READS", "100"))
BUILDS = int(os.environ.get("METRICS_CLIENT_BUILDS", "0"))
MARKED = ("marts.fct_insights:build_number", "metrics.metric_values:build_number")
MARKED_IN_A_BUILD = ("metrics.metric_values:as_of", "metrics.scoreboard:as_of")
READER = Path(__file__).parent / "clients" / "reader.py"

Snapshot = list[list[Any]]


@dataclass(frozen=True)
class Reading:
    """What the clients saw while snapshots were replaced."""

    published: list[Snapshot]
    """Markers and row counts of every snapshot there was."""
    saw: Mapping[str, Mapping[str, Any]]


def start(client: Client, published: Path, tables: Sequence[str], reads: int) -> subprocess.Popen[str]:
    command = [interpreter(client), str(READER), client.name, str(published), str(reads), *tables]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def told(readers: Mapping[str, subprocess.Popen[str]]) -> dict[str, dict[str, Any]]:
    saw = {}
    for name, process in readers.items():
        out, err = process.communicate(timeout=3600)
        assert process.returncode == 0, err
        saw[name] = json.loads(out)
    return saw


def assert_whole(reading: Reading, client: Client, reads: int) -> None:
    saw = reading.saw[client.name]
    whole = {json.dumps(snapshot) for snapshot in reading.published}
    done, seen = sum(saw["seen"].values()), len(saw["seen"])
    # Shown by `pytest -rP`: the figures that the documentation states.
    print(f"{client.name}: {done:,} reads of {seen} snapshots, {saw['repeated']} begun again")
    assert saw["failed"] == []
    assert [seen for seen in saw["seen"] if seen not in whole] == [], "rows of two snapshots in one read"
    assert done >= reads
    # Two whole publishes during one read of two Parquet files: possible in principle, and not how it usually goes.
    assert saw["repeated"] <= reads // 50


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """Every client at once, while a publisher replaces the snapshot without a pause."""
    folder = tmp_path_factory.mktemp("clients")
    manifest = {
        "metadata": {"dbt_version": "1.11", "project_name": "product_metrics"},
        "nodes": {
            node["name"]: node
            for node in (
                model("marts", "fct_insights", key=["insight_id"]),
                model("metrics", "metric_values", key=["metric_id"]),
            )
        },
    }
    snapshots: list[Snapshot] = []

    def publish_build(number: int) -> None:
        rows = 20_000 + number
        warehouse = build_warehouse(folder / "warehouse.duckdb", build=number, insights=rows)
        snapshots.append([[[str(number)], rows], [[str(number)], 2]])
        publish(warehouse, folder / "published", manifest=manifest)

    publish_build(1)
    readers = {client.name: start(client, folder / "published", MARKED, READS) for client in READERS}
    saw: dict[str, dict[str, Any]] = {}
    answers = threading.Thread(target=lambda: saw.update(told(readers)))
    answers.start()
    number = 1
    while answers.is_alive():
        number += 1
        publish_build(number)
        # No build takes less; without it every second publish would be over before a client has read two files.
        time.sleep(0.5)
    answers.join()
    return Reading(snapshots, saw)


@pytest.mark.parametrize("client", READERS, ids=lambda client: client.name)
def test_a_client_reads_whole_snapshots_while_they_are_replaced(reading: Reading, client: Client) -> None:
    assert_whole(reading, client, READS)
    assert len(reading.published) > 3
    assert len(reading.saw[client.name]["seen"]) > 1, "the snapshot was never replaced while this client read"


@pytest.mark.slow
@pytest.mark.skipif(not BUILDS, reason="set METRICS_CLIENT_BUILDS to read while a company is built again and again")
def test_clients_read_whole_snapshots_while_a_company_is_built(tmp_path: Path) -> None:
    sample = tmp_path / "sample"
    assert run("sample", "--out", sample, "--seed", 1).code == 0
    project = copy_project(tmp_path / "project")
    published = project / "published"
    files = sorted((path for path in (sample / "extracts").rglob("*") if path.is_file()), key=lambda path: path.name)
    late = len(files) // 50
    extracts = tmp_path / "extracts"
    snapshots: list[Snapshot] = []

    def build(upto: int) -> None:
        for path in files[:upto]:
            target = extracts / path.relative_to(sample / "extracts")
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        built = run("build", "--project-dir", project, "--extracts", extracts)
        assert built.code in (0, 1), built.out + built.err
        with duckdb.connect(published / "product_metrics.duckdb", read_only=True) as connection:
            snapshots.append(
                [
                    connection.sql(
                        f"select list(distinct {column}::varchar order by {column}::varchar), count(*) from {table}"
                    ).fetchall()[0]
                    for table, column in (text.split(":") for text in MARKED_IN_A_BUILD)
                ]
            )

    build(len(files) - BUILDS * late)
    readers = {client.name: start(client, published, MARKED_IN_A_BUILD, READS) for client in READERS}
    for left in range(BUILDS - 1, -1, -1):
        build(len(files) - left * late)
    reading = Reading([[list(table) for table in snapshot] for snapshot in snapshots], told(readers))
    for client in READERS:
        assert_whole(reading, client, READS)
        assert len(reading.saw[client.name]["seen"]) > 1
