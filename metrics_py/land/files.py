"""Extract files: where they are, what their names say, and what their bytes hash to."""

import difflib
import gzip
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from metrics_py.errors import RefusedFileError, UnusableInputError
from metrics_py.land.contract import Contract, Table
from metrics_py.land.report import RefusedFile

FORMATS = ("jsonl", "csv", "parquet")
_CHUNK = 1 << 22
_BIG = 1 << 28
_GROWTH = 100
_DAY = timedelta(days=1)
_FARTHEST_ZONE = 14 * 60
_TIME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20|21)\d\d)(?P<separator>[-_.]?)(?P<month>\d\d)(?P=separator)(?P<day>\d\d)"
    r"(?:[T _-]?(?P<hour>\d\d)[-_:.]?(?P<minute>\d\d)(?:[-_:.]?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<zone>Z|UTC|[+-]\d\d:?\d\d))?)?(?!\d)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"(?<!\d)(\d{10}|\d{13})(?!\d)")


@dataclass(frozen=True)
class ExtractFile:
    """A file of the extracts folder.

    Attributes:
        path: where it is.
        name: its path below the extracts folder.
        table: the contract table it belongs to.
        format: jsonl, csv or parquet.
        is_gzip: whether it is compressed.
        extracted_at: UTC time in its name, else the caller's; null when only its rows can tell.
        taken_until: the latest instant it can have been taken at; a day after `extracted_at` for a bare date.
    """

    path: Path
    name: str
    table: Table
    format: str
    is_gzip: bool
    extracted_at: datetime | None
    taken_until: datetime | None

    def open(self) -> IO[bytes]:
        """Its bytes, uncompressed."""
        return Expanding(self.path) if self.is_gzip else self.path.open("rb")  # type: ignore[return-value]


class Expanding(gzip.GzipFile):
    """A gzip file that is refused once it has grown to more than any honest extract does."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._most = max(_BIG, _GROWTH * path.stat().st_size)
        self._given = 0

    def read(self, size: int | None = -1) -> bytes:
        """Bytes, uncompressed."""
        return self._counted(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        """Bytes, uncompressed, with as few reads as can be."""
        return self._counted(super().read1(size))

    def _counted(self, piece: bytes) -> bytes:
        self._given += len(piece)
        if self._given > self._most:
            raise RefusedFileError(
                f"it grows to more than {_GROWTH} times its size when it is unpacked, past {_BIG >> 20} MB, as a file "
                "made to exhaust this machine would; if it is honest, unpack it and land it without .gz"
            )
        return piece


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def find(
    extracts: Path, contract: Contract, *, extracted_at: datetime | None = None
) -> tuple[list[ExtractFile], list[RefusedFile]]:
    """The extract files below a folder, and those that cannot be one.

    Args:
        extracts: folder of `<source>/<table>/<file>`, or a folder that holds such a folder named `extracts`.
        contract: the tables that may land.
        extracted_at: time of files whose names carry none.

    Raises: UnusableInputError when there is no such folder.
    """
    if not extracts.is_dir():
        raise UnusableInputError(
            f"no extracts folder at {extracts}; name the folder that holds <source>/<table>/<file>"
        )
    root = extracts / "extracts" if (extracts / "extracts").is_dir() else extracts
    files: list[ExtractFile] = []
    refused: dict[str, RefusedFile] = {}
    inside = root.resolve()
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        parts = name.split("/")
        if any(part.startswith((".", "_")) for part in parts) or not path.is_file():
            continue
        try:
            _check_place(path, inside)
            files.append(_extract_file(path, name, contract, extracted_at))
        except RefusedFileError as error:
            where = "/".join(parts[:-1]) if len(parts) > 2 and contract.table(parts[0], parts[1]) is None else name
            refused.setdefault(where, RefusedFile(_printable(where), str(error)))
    return files, list(refused.values())


def _check_place(path: Path, inside: Path) -> None:
    if _printable(str(path)) != str(path):
        raise RefusedFileError("its name is not valid UTF-8; rename it")
    if not path.resolve().is_relative_to(inside):
        raise RefusedFileError(
            f"it is a link to {path.resolve()}, which is outside the extracts folder; copy the file itself there"
        )


def _printable(name: str) -> str:
    """A file's name as text that can be stored and shown; bytes that are not UTF-8 are written as \\xff."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def time_in(name: str, zone: str, org_zone: str) -> tuple[datetime, datetime] | None:
    """The UTC time a file's name carries and the latest instant it can mean; null when it carries none.

    A date with a time wins over a bare date, the last over earlier ones. A time without offset is in `zone`, a bare
    date is midnight in `org_zone`; it may mean any moment of that day.

    Examples:
        >>> time_in("notes-2025-01-31T060000Z.jsonl", "UTC", "UTC")[0].isoformat()
        '2025-01-31T06:00:00+00:00'
        >>> time_in("2025-01-31.csv", "UTC", "America/Phoenix")[0].isoformat()
        '2025-01-31T07:00:00+00:00'
        >>> time_in("notes.csv", "UTC", "UTC") is None
        True
    """
    best: tuple[bool, datetime] | None = None
    for match in _TIME.finditer(name):
        timed = match["hour"] is not None
        instant = _instant(match, zone if timed else org_zone)
        if instant is not None and (best is None or timed >= best[0]):
            best = (timed, instant)
    if best is None:
        for match in _EPOCH.finditer(name):
            seconds, thousandths = divmod(int(match[1].ljust(13, "0")), 1000)
            best = (True, datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=thousandths))
    if best is None:
        return None
    timed, instant = best
    return instant, instant if timed else instant + _DAY


def _instant(match: re.Match[str], zone: str) -> datetime | None:
    try:
        moment = datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int((match["fraction"] or "").ljust(6, "0")[:6]),
        )
    except ValueError:
        return None
    offset = (match["zone"] or "").upper()
    if offset in ("Z", "UTC"):
        return moment.replace(tzinfo=UTC)
    if offset:
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        if minutes > _FARTHEST_ZONE or int(offset[-2:]) > 59:
            return None
        return moment.replace(tzinfo=UTC) - timedelta(minutes=-minutes if offset[0] == "-" else minutes)
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _extract_file(path: Path, name: str, contract: Contract, given: datetime | None) -> ExtractFile:
    parts = name.split("/")
    ending, is_gzip = _ending(path.name)
    if len(parts) < 3:
        raise RefusedFileError(f"{name} is not in a table's folder; extracts belong in <source>/<table>/<file>")
    table = contract.table(parts[0], parts[1])
    if table is None:
        raise RefusedFileError(_unknown(parts[0], parts[1], contract))
    if ending not in FORMATS or (ending == "parquet" and is_gzip):
        allowed = ".jsonl, .csv, .jsonl.gz, .csv.gz or .parquet"
        hint = "; one JSON object per line belongs in .jsonl" if ending in ("json", "ndjson") else ""
        raise RefusedFileError(f"its name ends in {''.join(path.suffixes[-2:])!r}; an extract ends in {allowed}{hint}")
    named = time_in("/".join(parts[2:]), contract.zone_of(table.source), contract.org_timezone)
    if named is None and given is not None:
        named = (given, given)
    start, until = named or (None, None)
    return ExtractFile(path, name, table, ending, is_gzip, start, until)


def _ending(name: str) -> tuple[str, bool]:
    stem, _, last = name.lower().rpartition(".")
    return (stem.rpartition(".")[2], True) if last == "gz" else (last, False)


def _unknown(source: str, table: str, contract: Contract) -> str:
    if source not in contract.sources:
        return f"unknown source {source!r}{_meant(source, contract.sources)}; known are {', '.join(contract.sources)}"
    tables = sorted(name for owner, name in contract.tables if owner == source)
    return f"unknown table {table!r} of {source}{_meant(table, tables)}; known are {', '.join(tables)}"


def _meant(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f", did you mean {close[0]!r}?" if close else ""


def by_table(files: list[ExtractFile]) -> Iterator[tuple[Table, list[ExtractFile]]]:
    """Files grouped by table, in order of source and table; within a table by time, those without one last."""
    tables = {(file.table.source, file.table.name): file.table for file in files}
    for key in sorted(tables):
        mine = [file for file in files if (file.table.source, file.table.name) == key]
        far = datetime.max.replace(tzinfo=UTC)
        yield tables[key], sorted(mine, key=lambda file: (file.extracted_at or far, file.name))
