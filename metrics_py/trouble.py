"""Trouble of the machine and not of the data: no room, no permission, no memory, a damaged file; and the way out."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metrics_py.errors import MetricsError, WarehouseError

REBUILD = "move it away and run `metrics-py build --extracts DIR`: everything in it comes from the extracts"

_NO_ROOM = ("no space left", "file too large", "disk quota", "out of disk")
_NOT_ALLOWED = ("permission denied", "read-only file system", "operation not permitted")
_NO_MEMORY = ("out of memory", "failed to allocate", "could not allocate")
_DAMAGED = (
    "checksum",
    "corrupt",
    "not a valid duckdb database file",
    "could not read enough bytes",
    "failed to deserialize",
    "serialization error",
    "replaying wal",
    "internal error",
    "database has been invalidated",
)
_NO_ROOM_CODES = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_NOT_ALLOWED_CODES = (errno.EACCES, errno.EPERM, errno.EROFS)


def way_out(text: str, place: Path, *, source: Path | None = None) -> str | None:
    """A plain sentence on a message of the engine or the system; null where it tells of something else.

    Args:
        text: the message.
        place: the file or folder that was written.
        source: the warehouse that was read, where it is another.

    Examples:
        >>> print(way_out("IO Error: Could not write file: No space left on device", Path("w.duckdb")))
        there is no room left to write w.duckdb; make room and run the same command again: what was landed and \
published before stays as it is
        >>> way_out("Parser Error: syntax error", Path("w.duckdb")) is None
        True
    """
    lower = text.lower()
    if any(words in lower for words in _NO_ROOM):
        return (
            f"there is no room left to write {place}; make room and run the same command again: "
            "what was landed and published before stays as it is"
        )
    if any(words in lower for words in _NOT_ALLOWED):
        return f"{place} may not be read or written by this user; allow it, or name another place on the command line"
    if any(words in lower for words in _NO_MEMORY):
        return (
            f"there is not enough memory to work on {place}; stop other programs and run the same command again: "
            "what was landed and published before stays as it is"
        )
    if any(words in lower for words in _DAMAGED):
        return f"{source or place} is damaged ({first_line(text)}); {REBUILD}"
    return None


@contextmanager
def told(place: Path, *, source: Path | None = None) -> Iterator[None]:
    """Errors of the engine and the system while `place` is written, told as a `WarehouseError` with the way out.

    Args:
        place: the file or folder being written.
        source: the warehouse being read, where it is another.

    Raises:
        WarehouseError: in place of an error that `way_out` has a sentence on.
    """
    import duckdb

    try:
        yield
    except MetricsError:
        raise
    except (duckdb.Error, OSError, MemoryError) as error:
        named = getattr(error, "filename", None)
        sentence = way_out(str(error) or "out of memory", Path(str(named)) if named else place, source=source)
        if sentence is None:
            raise
        raise WarehouseError(sentence) from error


def of_the_system(error: OSError) -> str | None:
    """A plain sentence on a file that the system would not read or write; null where the cause is another."""
    place = Path(str(error.filename)) if error.filename else Path("a file")
    if error.errno in _NO_ROOM_CODES or error.errno in _NOT_ALLOWED_CODES:
        return way_out(str(error), place)
    return None


def first_line(text: str) -> str:
    """The first line of a message that may have many."""
    return text.strip().splitlines()[0] if text.strip() else "no message"
