"""Keeping the served board current: build when extracts change, draw when something new is published."""

import threading
from collections.abc import Callable
from pathlib import Path

from metrics_py.errors import MetricsError
from metrics_py.publish.generation import current_generation
from metrics_py.scoreboard.drawer import warm_up
from metrics_py.scoreboard.rebuild import Rebuilder
from metrics_py.scoreboard.site import render
from metrics_py.scoreboard.stamp import read_stamp

LOOK_SECONDS = 0.1
EXTRACTS_LOOK_SECONDS = 1.0


class Keeper(threading.Thread):
    """Watches the published snapshot and, where there are any, the extracts, until it is stopped.

    Args:
        published: the snapshot; a new generation in it is drawn.
        site: where the pages are.
        rebuilder: builds when extracts change; null to watch the snapshot alone.
        tell: says to the person at the terminal what happens.
    """

    def __init__(
        self, published: Path, site: Path, *, rebuilder: Rebuilder | None, tell: Callable[[str], None]
    ) -> None:
        super().__init__(daemon=True)
        self._published, self._site = published, site
        self._rebuilder, self._tell = rebuilder, tell
        self._is_stopped = threading.Event()
        self._failed: str | None = None

    def run(self) -> None:
        """Look, and act on what has changed; trouble is told and does not end the looking."""
        # What draws charts takes a second to load, which nobody should wait for when something is published.
        warm_up()
        looks = 0
        while not self._is_stopped.wait(LOOK_SECONDS):
            looks += 1
            if self._rebuilder is None or not self._rebuilder.is_building:
                # Otherwise the build that is under way publishes and draws.
                self._draw_if_new()
            if self._rebuilder is not None and looks % round(EXTRACTS_LOOK_SECONDS / LOOK_SECONDS) == 0:
                self._rebuilder.look()

    def stop(self) -> None:
        """End the looking and a build that is under way, and wait until both are over."""
        self._is_stopped.set()
        if self.is_alive():
            self.join(timeout=10)
        if self._rebuilder is not None:
            self._rebuilder.stop()

    def _draw_if_new(self) -> None:
        try:
            generation = current_generation(self._published).name
        except MetricsError:
            return
        if generation in (read_stamp(self._site).version, self._failed):
            return
        try:
            render(self._published, self._site)
            self._tell("Something new was published; the pages are drawn.")
        except MetricsError as error:
            # Told once for each generation: the pages stay as they are until the next.
            self._failed = generation
            self._tell(f"The pages could not be drawn, the earlier ones stay: {error}")
