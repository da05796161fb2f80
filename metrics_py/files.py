"""Files that are there whole or not at all: written beside and renamed, flushed, one writer at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".unfinished"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` in one step if the block ends well; its folder is made.

    Examples:
        >>> import tempfile
        >>> page = Path(tempfile.mkdtemp()) / "site" / "page.html"
        >>> with replacing(page) as beside:
        ...     _ = beside.write_text("whole")
        >>> page.read_text(), [path.name for path in page.parent.iterdir()]
        ('whole', ['page.html'])
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.next")
    yield beside
    beside.replace(path)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file that never changes a second name; a copy where the file system has no links, or none to there."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def flush(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def turn(lock: Path) -> Iterator[None]:
    """Wait for the others that take turns at a lock file; the turn ends with the block, or with the process."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """An empty folder below `folder` to make something in; one at a time, and it is gone afterwards.

    What an earlier process left behind when it was killed is removed here.
    """
    with turn(folder / ".lock"):
        unfinished = folder / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            yield unfinished
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
