"""One command at a time: a lock beside what it writes, held by a running process and by nothing that has died."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from metrics_py.errors import WarehouseError


@contextmanager
def hold(*places: Path, wait: bool = False) -> Iterator[None]:
    """Keep every other command off these files while this one works on them.

    The lock is the system's own on a file `.<name>.lock` beside each place, so it ends with the process, however
    that ends: a lock file left behind locks nothing.

    Args:
        places: files, locked in the order given; one named twice is locked once.
        wait: wait until the other command is done, instead of refusing.

    Raises:
        WarehouseError: another command holds one of them; the message says which process.
    """
    with ExitStack() as held:
        for place in dict.fromkeys(place.resolve() for place in places):
            place.parent.mkdir(parents=True, exist_ok=True)
            file = held.enter_context((place.parent / f".{place.name.lstrip('.')}.lock").open("a+", encoding="utf-8"))
            _take(file, place, wait)
        yield


def _take(file: IO[str], place: Path, wait: bool) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "of unknown number"
        if not wait:
            raise WarehouseError(
                f"another command (process {holder}) is working on {place}; run this one after it, or with --wait"
            ) from None
        print(f"Waiting for another command (process {holder}), which is working on {place}", file=sys.stderr)
        fcntl.flock(file, fcntl.LOCK_EX)
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
