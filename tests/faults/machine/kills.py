"""kill -9 at seeded moments of a stage, then a rerun: readers and the raw layer end as if nothing had happened."""

import json
import random
import shutil
from dataclasses import dataclass, field

import duckdb

from metrics_py.publish import publish
from tests.faults.machine import rig, victim
from tests.faults.machine.trial import Trial

_CHAIN = 3
_PUBLISHED = ("published", "history")


@dataclass
class Tally:
    """What came of the kills of one stage."""

    stage: str
    kills: int = 0
    finished_before: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    seconds: float = 0.0
    trouble: list[str] = field(default_factory=list)

    def trial(self):
        """The line of the table."""
        note = "the rerun ends with the same rows and bytes; a reader in between met a whole snapshot"
        if self.finished_before:
            note += f" ({self.finished_before} had finished before the kill)"
        fault = f"kill -9 during `{self.stage}`"
        return Trial(fault, self.kills, self.survived, self.lost, self.doubled, note, self.trouble)


class Bench:
    """A small company, built once undisturbed, that the kills of every stage are compared with."""

    def __init__(self, folder, *, sample=None):
        self.folder = folder
        self.log = folder / "commands.log"
        self.extracts = rig.small_company(folder, sample=sample)
        self.expected = rig.copy_project(folder / "undisturbed")
        self._land_then_build()
        self.published = rig.published(self.expected)
        self.raw = rig.raw_rows(self.expected / "warehouse.duckdb")

    def _land_then_build(self):
        landed = rig.copy_project(self.folder / "landed")
        self.run("land", self.extracts, "--project-dir", landed)
        # A parsed project is part of the start, as it is in daily use; else parsing would be most of every run.
        self.run("build", "--project-dir", self.expected, "--extracts", self.extracts)
        shutil.copytree(self.expected / "target", landed / "target")
        self.landed = landed

    def run(self, *arguments):
        """Run a command undisturbed, or fail."""
        seconds, code = victim.undisturbed(arguments, self.log)
        assert code in (0, 1), f"{arguments} ended with {code}; see {self.log}"
        return seconds

    def check(self, tally, project, label):
        """Compare a project that was killed and run again with the undisturbed one."""
        if rig.raw_rows(project / "warehouse.duckdb") == self.raw:
            return True
        lost, doubled = rig.raw_difference(self.expected / "warehouse.duckdb", project / "warehouse.duckdb")
        tally.lost += lost
        tally.doubled += doubled
        tally.trouble.append(f"{label}: {lost} raw rows lost, {doubled} doubled")
        return False

    def check_published(self, tally, project, label):
        """Compare what readers get."""
        found = rig.published(project)
        other = sorted(
            name for name in found.keys() | self.published.keys() if found.get(name) != self.published.get(name)
        )
        if other:
            tally.trouble.append(f"{label}: other bytes in {', '.join(other[:5])}")
        return not other


def kill_landing(bench, count, seed=1):
    """Kill `metrics-py land` into a new file, and land again."""
    tally, draw = Tally("land"), random.Random(seed)
    project = rig.copy_project(bench.folder / "land")
    warehouse = project / "warehouse.duckdb"
    arguments = ("land", bench.extracts, "--project-dir", project)
    tally.seconds = bench.run(*arguments)
    for number in range(count):
        for path in project.glob("warehouse.duckdb*"):
            path.unlink()
        at = draw.uniform(0, tally.seconds)
        _count(tally, victim.kill_after(arguments, at, bench.log))
        bench.run(*arguments)
        assert warehouse.exists()
        tally.survived += bench.check(tally, project, f"land {number} at {at:.2f} s")
    return tally


def kill_building(bench, count, seed=2):
    """Kill `metrics-py build`, kill its rerun and the rerun of that as well, and build again.

    Every other time it starts from a file that has landed and never been built, else from a built one.
    """
    tally, draw = Tally("build"), random.Random(seed)
    project = bench.folder / "build"
    tally.seconds = 0.0
    while tally.kills < count:
        if tally.kills % (2 * _CHAIN) == 0:
            shutil.rmtree(project, ignore_errors=True)
            shutil.copytree(bench.landed, project)
        arguments = ("build", "--project-dir", project, "--extracts", bench.extracts)
        if not tally.seconds:
            tally.seconds = bench.run(*arguments)
        here, whole = 0, True
        for _ in range(min(_CHAIN, count - tally.kills)):
            _count(tally, victim.kill_after(arguments, draw.uniform(0, tally.seconds), bench.log))
            here += 1
            whole = whole and rig.is_whole(project / "published")
        bench.run(*arguments)
        label = f"build, kills {tally.kills - here} to {tally.kills - 1}"
        if not whole:
            tally.trouble.append(f"{label}: a reader could have met half a snapshot")
        same = bench.check(tally, project, label) and bench.check_published(tally, project, label)
        tally.survived += here * (same and whole)
    return tally


def kill_publishing(bench, count, seed=3):
    """Kill `metrics-py publish` while it replaces another snapshot, and publish again."""
    tally, draw = Tally("publish"), random.Random(seed)
    project = bench.folder / "publish"
    shutil.copytree(bench.expected, project, symlinks=True)
    kept = bench.folder / "publish-before"
    arguments = ("publish", "--project-dir", project)
    tally.seconds = bench.run(*arguments)
    _publish_other_rows(project)
    for name in _PUBLISHED:
        shutil.copytree(project / name, kept / name, symlinks=True)
    bench.run(*arguments)
    expected = rig.published(project)
    for number in range(count):
        for name in _PUBLISHED:
            shutil.rmtree(project / name)
            shutil.copytree(kept / name, project / name, symlinks=True)
        at = draw.uniform(0, tally.seconds)
        _count(tally, victim.kill_after(arguments, at, bench.log))
        whole = rig.is_whole(project / "published")
        bench.run(*arguments)
        same = rig.published(project) == expected and whole
        if not same:
            tally.trouble.append(f"publish {number} at {at:.2f} s: {'other bytes' if whole else 'half a snapshot'}")
        tally.survived += same
    return tally


def kill_drawing(bench, count, seed=4):
    """Kill `metrics-py scoreboard` while it draws, and draw again; the page in place is always a whole one."""
    tally, draw = Tally("draw"), random.Random(seed)
    project = bench.folder / "draw"
    shutil.copytree(bench.expected, project, symlinks=True)
    arguments = ("scoreboard", "--project-dir", project)
    tally.seconds = bench.run(*arguments)
    page = project / "site" / "index.html"
    expected = page.read_bytes()
    for number in range(count):
        page.write_text("<html>an older page</html>")
        at = draw.uniform(0, tally.seconds)
        _count(tally, victim.kill_after(arguments, at, bench.log))
        between = page.read_bytes()
        whole = between in (b"<html>an older page</html>", expected)
        bench.run(*arguments)
        same = whole and page.read_bytes() == expected
        if not same:
            tally.trouble.append(f"draw {number} at {at:.2f} s: {'other bytes' if whole else 'half a page'}")
        tally.survived += same
    return tally


def _count(tally, was_running):
    tally.kills += 1
    tally.finished_before += not was_running


def _publish_other_rows(project):
    """Make the published snapshot one of other rows, as a day before would have left it."""
    warehouse = project / "warehouse.duckdb"
    kept = project / "kept.duckdb"
    shutil.copyfile(warehouse, kept)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from metrics.metric_values where metric_id = 'arr'")
    manifest = json.loads((project / "target/manifest.json").read_text())
    publish(warehouse, project / "published", manifest=manifest, history=project / "history")
    shutil.move(kept, warehouse)


STAGES = {"land": kill_landing, "build": kill_building, "publish": kill_publishing, "draw": kill_drawing}
