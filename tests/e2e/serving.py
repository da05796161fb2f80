"""The served board as a process of its own, for the tests that look at it."""

import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.e2e.conftest import ROOT


@dataclass
class Server:
    """A running `metrics-py scoreboard --serve` and what it has said so far."""

    process: subprocess.Popen[str]
    url: str = ""
    lines: list[str] = field(default_factory=list)
    _heard: "queue.Queue[str | None]" = field(default_factory=queue.Queue)

    @property
    def said(self) -> str:
        """Everything it printed until now."""
        return "".join(self.lines)

    def wait_for(self, pattern: str, timeout: float) -> re.Match[str]:
        """Wait until it has said something."""
        while True:
            found = re.search(pattern, self.said)
            if found:
                return found
            try:
                line = self._heard.get(timeout=timeout)
            except queue.Empty:
                pytest.fail(f"it never said {pattern!r} but:\n{self.said}")
            if line is None:
                pytest.fail(f"it ended without saying {pattern!r}:\n{self.said}")
            self.lines.append(line)

    def listen(self) -> None:
        """Take what it prints from the pipe, which must never fill."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._heard.put(line)
        self._heard.put(None)

    def rest(self) -> str:
        """Everything it said, once it has ended."""
        while (line := self._heard.get(timeout=10)) is not None:
            self.lines.append(line)
        return self.said


@contextmanager
def served(*arguments: object) -> Iterator[Server]:
    """The command on a free port, once it serves; killed at the end if it still runs."""
    command = [sys.executable, "-u", "-m", "metrics_py", "scoreboard", "--serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, *map(str, arguments)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    server = Server(process)
    threading.Thread(target=server.listen, daemon=True).start()
    try:
        server.url = server.wait_for(r"http://[^ ]+/", timeout=120).group()
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
