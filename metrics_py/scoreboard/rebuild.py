"""Building again when extracts arrive: in a process of its own, once they have come to rest."""

import hashlib
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from metrics_py.files import replacing
from metrics_py.scoreboard.stamp import read_stamp, write_stamp

_BUILT_FILE = ".extracts.sha256"
_SAID_PREFIX = "metrics-py: "
_MOST_SAID = 600


class Rebuilder:
    """Builds whenever the files in a folder are other ones than at the last build, until it is stopped.

    Trouble of a build is told at the terminal and on the board, which keeps showing what was published before.

    Args:
        extracts: the folder that is looked at.
        site: where the pages are, and the note of what they were built from.
        build: the command that builds.
        tell: says to the person at the terminal what happens.
    """

    def __init__(self, extracts: Path, site: Path, *, build: Sequence[str], tell: Callable[[str], None]) -> None:
        self._extracts, self._site = extracts, site
        self._build, self._tell = list(build), tell
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this object, for one build after another
        self._tried = _noted(site)
        self._seen = ""

    @property
    def is_building(self) -> bool:
        """Whether a build is under way."""
        return self._process is not None

    def look(self) -> None:
        """Start a build if something has changed, or see what became of the one under way."""
        if self._process is not None:
            self._reap(self._process)
            return
        state = state_of(self._extracts)
        # Files that are still being copied change from look to look.
        is_at_rest, self._seen = state == self._seen, state
        if not state or state == self._tried or not is_at_rest:
            return
        self._tried = state
        self._tell("The extracts have changed; building.")
        self._said.seek(0)
        self._said.truncate()
        self._process = subprocess.Popen(
            self._build, stdin=subprocess.DEVNULL, stderr=self._said, start_new_session=True
        )

    def stop(self) -> None:
        """End a build that is under way; what it had landed stays, and the next build goes on from there."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._said.close()

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        code = process.poll()
        if code is None:
            return
        self._process = None
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip()
        if said:
            self._tell(said)
        if code in (0, 1):
            with replacing(self._site / _BUILT_FILE) as beside:
                beside.write_text(self._tried, encoding="utf-8")
            self._tell("Built." if code == 0 else "Built; some checks failed, the summary above says which.")
            return
        self._tell(f"The build ended with exit code {code}; the board shows what was published before.")
        trouble = f"The newest extracts are not in it: {reason_of(said) or f'the build ended with exit code {code}'}"
        write_stamp(self._site, replace(read_stamp(self._site), trouble=trouble))


def state_of(folder: Path) -> str:
    """What lies in a folder, as a hash of each file's name, size and time of change; empty when nothing does.

    Hidden files and folders are not looked at.
    """
    found = []
    for file in folder.rglob("*"):
        if any(part.startswith(".") for part in file.relative_to(folder).parts):
            continue
        try:
            about = file.stat()
        except OSError:
            # Gone between being listed and being looked at: the next look tells.
            continue
        if file.is_file():
            found.append(f"{file}\0{about.st_size}\0{about.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(found)).encode(errors="surrogateescape")).hexdigest() if found else ""


def reason_of(said: str) -> str:
    """Why a build failed, from what it said last, as one line.

    Examples:
        >>> reason_of("metrics-py: mind the salt\\nmetrics-py: refused:\\n  notes.csv\\nMend it.")
        'refused: notes.csv Mend it.'
        >>> reason_of("Traceback ...\\nKeyError: 'x'")
        "KeyError: 'x'"
    """
    _, prefix, last = said.rpartition(_SAID_PREFIX)
    text = " ".join(last.split()) if prefix else said.strip().rpartition("\n")[2]
    return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID].rstrip()} ..."


def _noted(site: Path) -> str:
    try:
        return (site / _BUILT_FILE).read_text(encoding="utf-8")
    except OSError:
        return ""
