"""Keeping the served board current: build when extracts change, draw when something new is published."""

import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from metrics_py.errors import MetricsError
from metrics_py.publish.generation import current_generation
from metrics_py.scoreboard.site import VERSION_FILE, render

LOOK_SECONDS = 0.25
EXTRACTS_LOOK_SECONDS = 1.0

State = frozenset[tuple[str, int, int]]


def state_of(folder: Path) -> State:
    """What lies in a folder: each file with its size and time of change; hidden files and folders are not looked at."""
    found = set()
    for file in folder.rglob("*"):
        if any(part.startswith(".") for part in file.relative_to(folder).parts):
            continue
        try:
            about = file.stat()
        except OSError:
            # Gone between being listed and being looked at: the next look tells.
            continue
        if file.is_file():
            found.add((str(file), about.st_size, about.st_mtime_ns))
    return frozenset(found)


class Keeper(threading.Thread):
    """Watches the published snapshot and, where there are any, the extracts, until it is stopped.

    Args:
        published: the snapshot; a new generation in it is drawn.
        site: where the pages are.
        extracts: the folder whose changes are built; null to watch the snapshot alone.
        build: the command that builds, as a process of its own.
        tell: says to the person at the terminal what happens.
    """

    def __init__(
        self, published: Path, site: Path, *, extracts: Path | None, build: Sequence[str], tell: Callable[[str], None]
    ) -> None:
        super().__init__(daemon=True)
        self._published, self._site = published, site
        self._extracts, self._build, self._tell = extracts, list(build), tell
        self._is_stopped = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._built: State | None = None
        self._seen: State | None = None
        self._looks = 0
        self._failed: str | None = None

    def run(self) -> None:
        """Look, and act on what has changed; trouble is told and does not end the looking."""
        while not self._is_stopped.wait(LOOK_SECONDS):
            self._draw_if_new()
            self._looks += 1
            if self._extracts is not None and self._looks % round(EXTRACTS_LOOK_SECONDS / LOOK_SECONDS) == 0:
                self._build_if_changed(self._extracts)

    def stop(self) -> None:
        """End the looking and a build that is under way, and wait until both are over."""
        self._is_stopped.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self.is_alive():
            self.join(timeout=10)

    def _draw_if_new(self) -> None:
        if self._process is not None:
            # The build that is under way publishes and draws.
            return
        try:
            generation = current_generation(self._published).name
        except MetricsError:
            return
        if generation in (self._drawn(), self._failed):
            return
        try:
            render(self._published, self._site)
            self._tell("Something new was published; the pages are drawn.")
        except MetricsError as error:
            # Told once for each generation: the pages stay as they are until the next.
            self._failed = generation
            self._tell(f"The pages could not be drawn, the earlier ones stay: {error}")

    def _drawn(self) -> str | None:
        try:
            return (self._site / VERSION_FILE).read_text(encoding="utf-8").strip()
        except OSError:
            return None

    def _build_if_changed(self, extracts: Path) -> None:
        if self._process is not None:
            self._reap(self._process)
            return
        state = state_of(extracts)
        if self._built is None:
            self._built = state if self._is_drawn_since(state) else frozenset()
        # Files that are still being copied change from look to look; they are built when they have come to rest.
        is_at_rest, self._seen = state == self._seen, state
        if state == self._built or not is_at_rest or self._is_stopped.is_set():
            return
        self._built = state
        self._tell("The extracts have changed; building.")
        self._process = subprocess.Popen(self._build, stdin=subprocess.DEVNULL, start_new_session=True)

    def _is_drawn_since(self, state: State) -> bool:
        """Whether the pages are younger than every extract, so that nothing has to be built at the start."""
        try:
            drawn = (self._site / VERSION_FILE).stat().st_mtime_ns
        except OSError:
            return False
        return all(changed <= drawn for _, _, changed in state)

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        code = process.poll()
        if code is None:
            return
        self._process = None
        if code in (0, 1):
            self._tell("Built." if code == 0 else "Built; some checks failed, the summary above says which.")
        else:
            self._tell(f"The build ended with exit code {code}; the board shows what was published before.")
