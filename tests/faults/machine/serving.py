"""kill -9 of the server while people read, while it draws and while it builds; then it is started again.

Readers ask for pages all the time, and each answer must be a whole page: the one before or the one after.
"""

import http.client
import shutil
import socket
import threading
import time

from tests.faults.machine import rig, victim
from tests.faults.machine.kills import Stage, before_today

_PATIENCE_SECONDS = 600


class Reading(Stage):
    """Kill `metrics-py scoreboard --serve` while it starts, serves and draws a new snapshot; start it again."""

    name = "serve"
    note = "started again, it serves the same pages as undisturbed; each page read in between was a whole one"

    def __init__(self, bench):
        super().__init__(bench)
        self.before = before_today(bench, "serve-before")
        bench.run("scoreboard", "--project-dir", self.before)
        self.after = bench.copy("serve-after", of=self.before)
        bench.run("publish", "--project-dir", self.after)
        bench.run("scoreboard", "--project-dir", self.after)
        self.project = bench.copy("serve", of=self.after)
        self.old, self.new = rig.pages(self.before), rig.pages(self.after)
        self.seconds = self._undisturbed()

    def _round(self, number, moments):
        self._reset()
        at = time.monotonic() + moments.uniform(0, self.seconds)
        with _Server(self.bench, self.project) as server, _Readers(server, self.old, self.new) as readers:
            server.wait(until=at)
            self._publish()
            server.kill(at)
        with _Server(self.bench, self.project) as server:
            found = server.read_when_drawn(self.new)
        return self._trial((0, 0, readers.trouble), (0, 0, found), self._published())

    def _undisturbed(self):
        self._reset()
        began = time.monotonic()
        with _Server(self.bench, self.project) as server:
            server.wait()
            self._publish()
            assert not server.read_when_drawn(self.new)
        return time.monotonic() - began

    def _reset(self):
        """The snapshot and the pages of the day before."""
        for name in ("published", "site"):
            shutil.rmtree(self.project / name)
        shutil.copytree(self.after / "published", self.project / "published", symlinks=True)
        shutil.copytree(self.before / "site", self.project / "site")
        self._point_at(self.before)

    def _publish(self):
        self._point_at(self.after)

    def _point_at(self, other):
        # Both generations lie in the folder; to publish is to move the link.
        link = self.project / "published" / "next"
        link.symlink_to((other / "published" / "current").readlink())
        link.replace(self.project / "published" / "current")

    def _published(self):
        return self.bench.published_trouble(self.project, like=self.after)


class Rebuilding(Stage):
    """Kill `metrics-py scoreboard --serve --extracts` while it builds what has arrived; start it again.

    Every other time the build under way dies as well; else it goes on without the server, and the new one waits for it.
    """

    name = "serve and build"
    note = "started again, it builds and serves the same rows, bytes and pages as undisturbed"

    def __init__(self, bench):
        super().__init__(bench)
        self.extracts = bench.folder / "serve-extracts"
        shutil.rmtree(self.extracts, ignore_errors=True)
        shutil.copytree(bench.extracts, self.extracts)
        self.newest = [sorted(table.iterdir())[-1].relative_to(self.extracts) for table in self.extracts.glob("*/*")]
        self._take_back()
        self.before = bench.copy("serve-build-before", of=bench.landed)
        for path in self.before.glob("warehouse.duckdb*"):
            path.unlink()
        with _Server(bench, self.before, self.extracts) as server:
            server.wait_until_built(self.before)
        self.after = bench.copy("serve-build-after", of=self.before)
        bench.run("build", "--project-dir", self.after, "--extracts", bench.extracts)
        self.old, self.new = rig.pages(self.before), rig.pages(self.after)
        self.project = bench.folder / "serve-build"
        self.seconds = self._undisturbed()

    def _round(self, number, moments):
        self._reset()
        at = time.monotonic() + moments.uniform(0, self.seconds)
        with self._server() as server, _Readers(server, self.old, self.new) as readers:
            server.wait(until=at)
            self._arrive()
            going_on = server.kill(at, with_children=number % 2 == 0)
        with self._server() as server:
            server.read_when_drawn(self.new)
            for build in [*going_on, *server.children()]:
                victim.wait_for(build)
            found = server.read_when_drawn(self.new)
        return self._trial(
            (0, 0, readers.trouble),
            (0, 0, found),
            self.bench.raw_trouble(self.project),
            self.bench.published_trouble(self.project, like=self.after),
        )

    def _undisturbed(self):
        self._reset()
        began = time.monotonic()
        with self._server() as server:
            server.wait()
            self._arrive()
            assert not server.read_when_drawn(self.new)
        return time.monotonic() - began

    def _server(self):
        return _Server(self.bench, self.project, self.extracts)

    def _reset(self):
        self._take_back()
        self.bench.copy(self.project.name, of=self.before)

    def _take_back(self):
        for name in self.newest:
            (self.extracts / name).unlink(missing_ok=True)

    def _arrive(self):
        for name in self.newest:
            shutil.copyfile(self.bench.extracts / name, self.extracts / name)


class _Server:
    """The command that serves a project's site, on a port of its own."""

    def __init__(self, bench, project, extracts=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        arguments = ["scoreboard", "--serve", "--port", self.port, "--project-dir", project]
        self._child = victim.start([*arguments, *(["--extracts", extracts] if extracts else [])], bench.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill(time.monotonic(), with_children=True)

    def children(self):
        """What it has started and is still running."""
        return victim.children(self._child.pid) if self._child.is_alive() else []

    def kill(self, at, *, with_children=False):
        """Kill it at a moment; what it has started dies with it, or goes on and is told of."""
        time.sleep(max(0.0, at - time.monotonic()))
        started = self.children()
        self._child.kill()
        self._child.join()
        for child in started if with_children else ():
            victim.end(child)
        return [] if with_children else started

    def wait(self, *, until=None):
        """Wait until it answers, at most until a moment."""
        last = until if until is not None else time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < last:
            assert self._child.exitcode is None, f"the server ended with {self._child.exitcode}"
            try:
                self.read("version.txt")
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        assert until is not None, "the server did not answer in time"

    def wait_until_built(self, project):
        """Wait until it has noted from which extracts it built."""
        while not (project / "site" / ".extracts.sha256").exists():
            assert self._child.exitcode is None, f"the server ended with {self._child.exitcode}"
            time.sleep(0.1)

    def read(self, name):
        """Status and bytes of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", f"/{name}")
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def read_when_drawn(self, pages):
        """Sentences on the pages that it does not serve as they should be, once it says that it has drawn them."""
        self.wait()
        last = time.monotonic() + _PATIENCE_SECONDS
        while self.read("version.txt") != (200, pages["version.txt"]):
            if time.monotonic() > last:
                return ["the pages did not become current"]
            time.sleep(0.1)
        return [f"served otherwise: {name}" for name, page in pages.items() if self.read(name) != (200, page)]


class _Readers:
    """Two people who ask for one page after another until they are told to stop."""

    def __init__(self, server, *editions):
        self._server, self._editions = server, editions
        self._is_over = threading.Event()
        self.trouble = []
        self._threads = [threading.Thread(target=self._read, args=(turn,)) for turn in (0, 1)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, turn):
        first, second = self._editions
        names = sorted(first.keys() & second.keys())[turn::2]
        while not self._is_over.is_set():
            for name in names:
                if self._is_over.is_set():
                    return
                try:
                    status, page = self._server.read(name)
                except (OSError, http.client.HTTPException):
                    # Not up yet, or killed in the middle of the answer, which its length gives away.
                    time.sleep(0.05)
                    continue
                if status != 200 or page not in (first[name], second[name]):
                    self.trouble.append(f"a reader met half a page: {name}, status {status}, {len(page)} bytes")
                    return
