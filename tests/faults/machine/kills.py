"""kill -9 at seeded moments of a stage, then a rerun: readers and the raw layer end as if nothing had happened.

A stage is prepared once and then goes through rounds; every round gives a trial. The moments are drawn from the
stage's name and the number of the round, so that a run that was cut off goes on with those it had not come to.
"""

import json
import random
import shutil
import time

import duckdb

from metrics_py.publish import publish
from tests.faults.machine import rig, victim
from tests.faults.machine.trial import Trial


class Stage:
    """One command that is killed; the rest of a subclass says what is to be the same afterwards."""

    name: str
    note = "the rerun ends with the same rows and bytes"
    kills_a_round = 1

    def __init__(self, bench):
        self.bench = bench
        self.seconds = 0.0

    def round(self, number):
        """The trial of one round."""
        began = time.monotonic()
        moments = random.Random(f"{self.name} {number}")
        trial = self._round(number, moments)
        trial.trouble = [f"{self.name}, round {number}: {line}" for line in trial.trouble]
        trial.seconds = time.monotonic() - began
        return trial

    def _round(self, number, moments):
        raise NotImplementedError

    def _reset(self):
        """Bring back what the command starts from."""

    def _kill(self, arguments, moments):
        """Kill a command while it runs; one that was done before its moment came is no kill, and another is tried."""
        while True:
            self._reset()
            began = time.monotonic()
            if victim.kill_after(arguments, moments.uniform(0, self.seconds), self.bench.log):
                return
            self.seconds = time.monotonic() - began

    def _run(self, arguments):
        # Moments are drawn from the time that the last run took, because a machine has busy hours.
        self.seconds = self.bench.run(*arguments)

    def _trial(self, *found, kills=1):
        """A trial of the troubles found, each `(lost, doubled, sentences)`."""
        sentences = [line for _, _, lines in found for line in lines]
        lost, doubled = (sum(each[place] for each in found) for place in (0, 1))
        return Trial(
            f"kill -9 during `{self.name}`", kills, kills * (not sentences), lost, doubled, self.note, sentences
        )


class Landing(Stage):
    """Kill `metrics-py land` into a new file, and land again."""

    name = "land"
    note = "the rerun ends with the same raw rows"

    def __init__(self, bench):
        super().__init__(bench)
        self.project = bench.folder / "land"
        shutil.rmtree(self.project, ignore_errors=True)
        rig.copy_project(self.project)
        self.arguments = ("land", bench.extracts, "--project-dir", self.project)
        self.seconds = bench.run(*self.arguments)

    def _reset(self):
        for path in self.project.glob("warehouse.duckdb*"):
            path.unlink()

    def _round(self, number, moments):
        self._kill(self.arguments, moments)
        self._run(self.arguments)
        return self._trial(self.bench.raw_trouble(self.project))


class Building(Stage):
    """Kill `metrics-py build`, its rerun and the rerun of that as well, and build again.

    Every other round starts from a file that has landed and never been built, the others from what the one before left.
    """

    name = "build"
    note = "the rerun ends with the same rows, published bytes and pages; a reader in between met a whole snapshot"
    kills_a_round = 3

    def __init__(self, bench):
        super().__init__(bench)
        self.project = bench.copy("build", of=bench.landed)
        self.arguments = ("build", "--project-dir", self.project, "--extracts", bench.extracts)
        self.seconds = bench.run(*self.arguments)

    def _round(self, number, moments):
        if number % 2 == 0:
            self.bench.copy("build", of=self.bench.landed)
        torn = []
        for _ in range(self.kills_a_round):
            self._kill(self.arguments, moments)
            if not rig.is_whole(self.project / "published"):
                torn = ["a reader could have met half a snapshot"]
        self._run(self.arguments)
        return self._trial(
            (0, 0, torn),
            self.bench.raw_trouble(self.project),
            self.bench.published_trouble(self.project),
            kills=self.kills_a_round,
        )


class Publishing(Stage):
    """Kill `metrics-py publish` while it replaces another snapshot, and publish again."""

    name = "publish"
    note = "the rerun ends with the same bytes; a reader in between met a whole snapshot"

    def __init__(self, bench):
        super().__init__(bench)
        self.before = before_today(bench, "publish-before")
        self.arguments = ("publish", "--project-dir", bench.folder / "publish")
        self.expected = bench.copy("publish-expected", of=self.before)
        self.seconds = bench.run("publish", "--project-dir", self.expected)
        self.project = bench.copy("publish", of=self.before)

    def _reset(self):
        for name in ("published", "history"):
            shutil.rmtree(self.project / name)
            shutil.copytree(self.before / name, self.project / name, symlinks=True)

    def _round(self, number, moments):
        self._kill(self.arguments, moments)
        torn = [] if rig.is_whole(self.project / "published") else ["a reader could have met half a snapshot"]
        self._run(self.arguments)
        return self._trial((0, 0, torn), self.bench.published_trouble(self.project, like=self.expected))


class Drawing(Stage):
    """Kill `metrics-py scoreboard` while it replaces older pages, and draw again; each page is always a whole one."""

    name = "draw"
    note = "the rerun ends with the same pages; each page in between was a whole one"

    def __init__(self, bench):
        super().__init__(bench)
        self.project = bench.copy("draw", of=bench.expected)
        self.arguments = ("scoreboard", "--project-dir", self.project)
        self.seconds = bench.run(*self.arguments)
        self.pages = rig.pages(self.project)

    def _reset(self):
        for name in self.pages:
            (self.project / "site" / name).write_text("older")

    def _round(self, number, moments):
        self._kill(self.arguments, moments)
        torn = [
            f"half a page {name}"
            for name, page in rig.pages(self.project).items()
            if page not in (b"older", self.pages.get(name))
        ]
        self._run(self.arguments)
        return self._trial((0, 0, torn), self.bench.published_trouble(self.project))


def before_today(bench, name):
    """A built project whose published snapshot is one of other rows, as a day before would have left it."""
    project = bench.copy(name, of=bench.expected)
    warehouse, kept = project / "warehouse.duckdb", project / "kept.duckdb"
    shutil.copyfile(warehouse, kept)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from metrics.metric_values where metric_id = 'arr'")
    manifest = json.loads((project / "target/manifest.json").read_text())
    publish(warehouse, project / "published", manifest=manifest, history=project / "history")
    shutil.move(kept, warehouse)
    return project
