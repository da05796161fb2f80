"""Faults of the machine: no room, a closed door, a damaged file, two at once, a jumping clock, a very large extract."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.machine import rig
from tests.faults.machine.trial import Trial

CLOCKS = {"1970-01-02": 86_400, "2038-01-20": 2_147_558_400, "2105-06-01": 4_273_257_600}

_CLOCK = """
import datetime, os, time
_shift = float(os.environ["METRICS_TEST_CLOCK"]) - time.time()
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + _shift
time.time_ns = lambda: _time_ns() + int(_shift * 1e9)
_now = datetime.datetime

class _Jumped(type(_now)):
    def __instancecheck__(cls, value):
        return isinstance(value, _now)

class datetime_(_now, metaclass=_Jumped):
    @classmethod
    def now(cls, tz=None):
        return _now.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return _now.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()

datetime.datetime = datetime_
"""


def full_disk(bench):
    """Land and build on a disk of a few megabytes, then on one that is large enough."""
    trial = Trial("disk full while landing and building", 0, 0)
    for megabytes in (2, 12):
        with _disk(bench.folder / f"disk-{megabytes}", f"size={megabytes}m") as disk:
            if disk is None:
                trial.note = "not tried: mounting a small disk needs root"
                return trial
            project = rig.copy_project(disk / "project") if megabytes > 8 else rig.copy_project(bench.folder / "small")
            done = rig.run(
                "build", "--project-dir", project, "--extracts", bench.extracts, "--warehouse", disk / "w.duckdb"
            )
            trial.tried += 1
            said = "there is no room left to write" in done.err and "Traceback" not in done.err
            trial.survived += done.code == 2 and said
            if not said:
                trial.trouble.append(f"{megabytes} MB: exit {done.code}: {done.err[-300:]}")
            if os.system(f"mount -o remount,size=900m {disk}") == 0:
                again = rig.run(
                    "build", "--project-dir", project, "--extracts", bench.extracts, "--warehouse", disk / "w.duckdb"
                )
                same = again.code in (0, 1) and rig.raw_rows(disk / "w.duckdb") == bench.raw
                trial.tried += 1
                trial.survived += same
                if not same:
                    trial.trouble.append(f"{megabytes} MB, with room: exit {again.code}: {again.err[-300:]}")
    trial.note = "exit 2, “there is no room left”; with room the same command ends with the same rows"
    return trial


def closed_door(bench):
    """Build with a published folder, a site and a warehouse that may not be written."""
    trial = Trial("read-only warehouse, published folder and site", 0, 0)
    with _disk(bench.folder / "read-only", "size=1m,ro") as disk:
        if disk is None:
            trial.note = "not tried: mounting a read-only disk needs root"
            return trial
        project = bench.folder / "door"
        shutil.copytree(bench.expected, project, symlinks=True)
        for place in ("warehouse", "published", "site"):
            named = disk / ("w.duckdb" if place == "warehouse" else place)
            done = rig.run("build", "--project-dir", project, f"--{place}", named, "--extracts", bench.extracts)
            trial.tried += 1
            said = "may not be read or written" in done.err and "Traceback" not in done.err
            trial.survived += done.code == 2 and said
            if not said:
                trial.trouble.append(f"{place}: exit {done.code}: {done.err[-300:]}")
    trial.note = "exit 2, the place named, and that another can be given on the command line"
    return trial


def damaged_warehouse(bench):
    """Damage the warehouse in several ways; the message says so, and rebuilding from the extracts gives the same."""
    trial, draw = Trial("damaged warehouse file", 0, 0), random.Random(5)
    project = bench.folder / "damaged"
    shutil.copytree(bench.expected, project, symlinks=True)
    warehouse = project / "warehouse.duckdb"
    size = warehouse.stat().st_size
    damages = {
        "cut in half": lambda: os.truncate(warehouse, size // 2),
        "empty": lambda: os.truncate(warehouse, 0),
        "header overwritten": lambda: _overwrite(warehouse, 0, bytes(draw.randbytes(8192))),
        "every block hit": lambda: [
            _overwrite(warehouse, at, b"\xff" * 64) for at in range(12_288 + 100, size, 262_144)
        ],
    }
    for name, damage in damages.items():
        shutil.copyfile(bench.expected / "warehouse.duckdb", warehouse)
        damage()
        done = rig.run("build", "--project-dir", project, "--extracts", bench.extracts)
        trial.tried += 1
        said = "metrics-py build --extracts DIR" in done.err and "Traceback" not in done.err
        trial.survived += done.code == 2 and said
        if not said:
            trial.trouble.append(f"{name}: exit {done.code}: {done.err[-300:]}")
    for path in project.glob("warehouse.duckdb*"):
        path.unlink()
    again = rig.run("build", "--project-dir", project, "--extracts", bench.extracts)
    trial.tried += 1
    same = again.code in (0, 1) and rig.raw_rows(warehouse) == bench.raw and rig.published(project) == bench.published
    trial.survived += same
    if not same:
        trial.trouble.append(f"rebuilt: exit {again.code}, other bytes")
    trial.note = "exit 2 with the way to rebuild; moved away and built again, every published byte is as before"
    return trial


def two_at_once(bench):
    """Start a second build while one runs: refused with the holder's number, or waiting for it with --wait."""
    trial = Trial("two builds at once", 2, 0)
    project = bench.folder / "two"
    shutil.copytree(bench.landed, project)
    first = subprocess.Popen(
        [sys.executable, "-m", "metrics_py", "build", "--project-dir", str(project), "--extracts", str(bench.extracts)],
        cwd=rig.ROOT,
        env={**os.environ, "PYTHONPATH": str(rig.ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    lock = project / ".target.lock"
    while not (lock.exists() and lock.read_text().strip()) and first.poll() is None:
        time.sleep(0.05)
    refused = rig.run("build", "--project-dir", project)
    trial.survived += refused.code == 2 and f"(process {first.pid})" in refused.err
    waited = rig.run("build", "--project-dir", project, "--wait")
    trial.survived += waited.code in (0, 1) and first.wait() in (0, 1) and rig.published(project) == bench.published
    trial.note = "refused with the process that holds the lock, or waits with `--wait`; same published bytes"
    if trial.survived < 2:
        trial.trouble.append(f"{refused.code} {refused.err[-200:]} {waited.code} {waited.err[-200:]}")
    return trial


def jumping_clock(bench):
    """Build with the clock set decades off."""
    trial = Trial(f"clock set to {', '.join(CLOCKS)}", 0, 0)
    patch = bench.folder / "clock"
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(_CLOCK)
    for name, seconds in CLOCKS.items():
        project = bench.folder / f"clock-{name}"
        shutil.copytree(bench.landed, project)
        environment = {"METRICS_TEST_CLOCK": str(seconds), "PYTHONPATH": f"{patch}{os.pathsep}{rig.ROOT}"}
        done = rig.run("build", "--project-dir", project, "--extracts", bench.extracts, environment=environment)
        same = done.code in (0, 1) and rig.published(project) == bench.published
        trial.tried += 1
        trial.survived += same
        if not same:
            trial.trouble.append(f"{name}: exit {done.code} {done.err[-300:]}")
    trial.note = "same published bytes: no number depends on the clock"
    return trial


def large_extract(bench, gigabytes=2.0):
    """Land one JSON-lines extract of many notes."""
    trial = Trial(f"one extract of {gigabytes:g} GB", 1, 0)
    folder = bench.folder / "large" / "extracts" / "productboard" / "notes"
    folder.mkdir(parents=True)
    path = folder / "2025-01-01T060000Z.jsonl"
    rows = _write_notes(path, int(gigabytes * 1e9))
    project = rig.copy_project(bench.folder / "large" / "project")
    done = rig.run("land", folder.parents[1], "--project-dir", project)
    path.unlink()
    landed = f"{rows:,} new rows" in done.out or f"{rows:,}" in done.out
    trial.survived += done.code == 0 and landed
    trial.note = f"{rows:,} rows in {done.seconds:.0f} s; at most {done.peak:,} MB of memory"
    if not trial.survived:
        trial.trouble.append(f"exit {done.code}: {done.err[-300:]}{done.out[-300:]}")
    return trial


def _write_notes(path, size):
    text = json.dumps("A driver could not close the stop, and called. " * 12)
    rows = 0
    with path.open("w") as file:
        while file.tell() < size:
            file.write(
                "".join(
                    f'{{"id": "n-{number}", "name": "Note {number}", "content": {text}, '
                    '"created_at": "2024-12-01T08:00:00Z"}\n'
                    for number in range(rows, rows + 10_000)
                )
            )
            rows += 10_000
    return rows


def _overwrite(path, at, content):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


class _disk:  # noqa: N801 - reads as a word in `with`
    """A disk of its own mounted at a folder; None where this user may not mount."""

    def __init__(self, folder: Path, options: str) -> None:
        self._folder, self._options = folder, options
        self._is_mounted = False

    def __enter__(self):
        self._folder.mkdir(parents=True)
        command = ["mount", "-t", "tmpfs", "-o", self._options, "tmpfs", str(self._folder)]
        try:
            self._is_mounted = subprocess.run(command, capture_output=True).returncode == 0
        except FileNotFoundError:
            self._is_mounted = False
        return self._folder if self._is_mounted else None

    def __exit__(self, *_):
        if self._is_mounted:
            subprocess.run(["umount", str(self._folder)], check=True)
