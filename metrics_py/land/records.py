"""Records of text files: lines or CSV records first, numbered before anything is read into them.

A record that cannot be split into fields is still a record: it keeps its number, says what is wrong, and gives the key
columns that can be read without doubt.
"""

import csv
import json
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from metrics_py.errors import RefusedFileError
from metrics_py.land.contract import STAMP_COLUMNS, Table

BLOCK = 1 << 25
"""Bytes read at a time."""

LONGEST_RECORD = 1 << 28
"""Bytes of the longest CSV record; past it, a quote is taken for one that never closes."""

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\udc80-\udcff]")
_ANY_SURROGATE = re.compile("[\ud800-\udfff]")


def check_start(start: bytes, format: str) -> None:
    """Refuse a text file whose first bytes show that it is something else.

    Raises: RefusedFileError
    """
    for magic, found, way_out in (
        (b"PAR1", "Parquet", "name it .parquet"),
        (b"\x1f\x8b", "gzip", "name it .gz"),
        (b"PK\x03\x04", "a zip archive", "unpack it"),
        (b"\xff\xfe", "UTF-16 text", "write it as UTF-8"),
        (b"\xfe\xff", "UTF-16 text", "write it as UTF-8"),
    ):
        if start.startswith(magic):
            raise RefusedFileError(f"line 1: holds {found}, not {_named(format)}; {way_out}")
    if b"\0" in start:
        raise RefusedFileError(f"line 1: holds binary data, not {_named(format)}; export it again as {format} in UTF-8")
    text = start.removeprefix(_BOM).lstrip()
    if format == "jsonl" and text.startswith(b"["):
        raise RefusedFileError("line 1: holds a JSON array; write one JSON object per line")
    if format == "csv" and text.startswith((b"{", b"[")):
        raise RefusedFileError("line 1: holds JSON, not CSV with a header; name it .jsonl (one object per line)")


def line_blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Bytes of a file in blocks of whole lines, without a byte-order mark."""
    pieces: list[bytes] = []
    first = True
    while piece := stream.read(BLOCK):
        if first:
            piece, first = piece.removeprefix(_BOM), False
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join([*pieces, piece[:end]])
            pieces = [piece[end:]] if end < len(piece) else []
        else:
            pieces.append(piece)
    if pieces:
        yield b"".join(pieces)


def broken_json(line: bytes, key: tuple[str, ...]) -> tuple[str, str]:
    """What is wrong with a line that is not a JSON object, and a JSON object of the key columns it certainly holds."""
    text = line.decode("utf-8", errors="surrogateescape").strip()
    if _SURROGATE.search(text):
        reason = "not valid UTF-8"
    elif not text.startswith("{"):
        reason = "not a JSON object; each line must be one"
    elif not text.endswith("}"):
        reason = "not valid JSON: the line ends before the object does"
    else:
        reason = "not valid JSON"
    members = {name: value for name, value in _members(text) if name in key}
    sound = all(not _ANY_SURROGATE.search(str(value)) for value in members.values())
    return reason, json.dumps(members if sound else {})


def _members(text: str) -> Iterator[tuple[str, object]]:
    """Members of a JSON object from its start up to the first that is not complete."""
    decoder = json.JSONDecoder()
    space = re.compile(r"\s*")

    def skip(position: int) -> int:
        match = space.match(text, position)
        return match.end() if match else position

    position = skip(0)
    if text[position : position + 1] != "{":
        return
    position = skip(position + 1)
    while position < len(text):
        try:
            name, position = decoder.raw_decode(text, position)
            position = skip(position)
            if not isinstance(name, str) or text[position : position + 1] != ":":
                return
            value, position = decoder.raw_decode(text, skip(position + 1))
        except (ValueError, RecursionError):
            return
        position = skip(position)
        if text[position : position + 1] not in (",", "}"):
            return
        if isinstance(value, str | int | float):
            yield name, value
        if text[position] == "}":
            return
        position = skip(position + 1)


def is_plain_csv(block: bytes) -> bool:
    """True when DuckDB's strict reader splits a block of CSV lines exactly as `CsvRecords` does, or refuses it.

    The two differ on white space around quotes, on a surplus empty field in quotes, and on lone carriage returns.
    """
    characters = np.frombuffer(b"\n\n" + block + b"\n\n", np.uint8)
    if (characters == 0).any() or (characters[np.flatnonzero(characters == 13) + 1] != 10).any():
        return False
    quotes = np.flatnonzero(characters == 34)
    before, before_that = characters[quotes - 1], characters[quotes - 2]
    after, after_that = characters[quotes + 1], characters[quotes + 2]
    in_text = (after == 34) & ~(_SPACES | _ENDS | _QUOTE)[after_that]
    strange = _SPACES[before] & (_SPACES | _ENDS)[before_that] & ~in_text
    strange |= _SPACES[after] & (_SPACES | _ENDS)[after_that]
    surplus = (before == 44) & (after == 34) & ((after_that == 10) | (after_that == 13))
    return not (strange | surplus).any()


def _among(characters: bytes) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    found = np.zeros(256, np.bool_)
    found[list(characters)] = True
    return found


_SPACES, _ENDS, _QUOTE = _among(b" \t"), _among(b",\r\n"), _among(b'"')


@dataclass
class CsvRecord:
    """A CSV record: its 1-based number (the header does not count), its fields, and what is wrong with it, if anything.

    Fields that cannot be trusted are null.
    """

    number: int
    fields: list[str | None]
    broken: str | None = None


class CsvRecords:
    """The records of a CSV file, one at a time.

    Attributes:
        names: the header, trimmed and in lower case.
        text: the record last given, as it stands in the file.
    """

    def __init__(self, stream: IO[bytes], table: Table) -> None:
        csv.field_size_limit(sys.maxsize)
        self._lines = _Lines(stream)
        self._reader = csv.reader(self._lines, strict=True)
        header = next(self, [])
        self.names = [name.strip().lower() for name in header]
        _check_header(self.names, table)

    def __next__(self) -> list[str]:
        self._lines.consumed.clear()
        return next(self._reader)

    @property
    def text(self) -> str:
        """The record last given."""
        return "".join(self._lines.consumed).rstrip("\r\n")

    @property
    def length(self) -> int:
        """Characters of the record last given."""
        return self._lines.length

    def __iter__(self) -> Iterator[CsvRecord]:
        width = len(self.names)
        number = 0
        while True:
            try:
                fields: list[str | None] = list(next(self))
            except StopIteration:
                return
            except (csv.Error, _TooLongError):
                number += 1
                self._lines.give_back_all_but_first()
                before_quote = self.text.partition('"')[0].split(",")[:-1]
                yield CsvRecord(
                    number,
                    _padded(before_quote, width),
                    "its quotes do not pair up, so its fields cannot be told apart",
                )
                continue
            if not fields:
                continue
            number += 1
            if len(fields) == width:
                yield CsvRecord(number, fields)
            else:
                known = fields[:-1] if len(fields) < width else []
                yield CsvRecord(number, _padded(known, width), f"has {len(fields)} fields; the header names {width}")


class _TooLongError(Exception):
    pass


class _Lines:
    """Physical lines of a stream, with those of the present record kept so that it can be read again."""

    def __init__(self, stream: IO[bytes]) -> None:
        import io

        self._stream = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._waiting: deque[str] = deque()
        self.length = 0
        self.consumed: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if not self.consumed:
            self.length = 0
        line = self._waiting.popleft() if self._waiting else next(self._stream)
        self.consumed.append(line)
        self.length += len(line)
        if self.length > LONGEST_RECORD and len(self.consumed) > 1:
            raise _TooLongError
        return line

    def give_back_all_but_first(self) -> None:
        self._waiting.extendleft(reversed(self.consumed[1:]))
        del self.consumed[1:]


def without_bad_bytes(record: CsvRecord) -> CsvRecord:
    """The record, marked broken and with the fields emptied that are not valid UTF-8."""
    fields = [None if field is not None and _SURROGATE.search(field) else field for field in record.fields]
    if fields == record.fields:
        return record
    return CsvRecord(record.number, fields, record.broken or "not valid UTF-8")


def _padded(fields: list[str] | list[str | None], width: int) -> list[str | None]:
    return [*fields, *[None] * width][:width]


def check_columns(found: set[str], table: Table, where: str) -> None:
    """Refuse a file without the key columns of its table.

    Raises: RefusedFileError
    """
    missing = [name for name in table.key if name in table.required and name not in found]
    if missing:
        raise RefusedFileError(
            f"{where}: key column{'s' if len(missing) > 1 else ''} {', '.join(missing)} of {table.source}.{table.name} "
            f"not found; found {', '.join(sorted(found)[:20]) or 'no columns'}. Is the file in the right folder?"
        )


def ignored(found: set[str], table: Table) -> list[str]:
    """Columns of a file that the contract does not name, sorted."""
    return sorted(found - {column.name for column in table.columns} - set(STAMP_COLUMNS))


def _check_header(names: list[str], table: Table) -> None:
    if len(names) == 1 and len(table.columns) > 1:
        for delimiter, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if delimiter in names[0]:
                raise RefusedFileError(f"line 1: fields are separated by {called}; export it with commas")
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise RefusedFileError(f"line 1: the header names {', '.join(twice)} twice; keep one column of each name")
    check_columns(set(names), table, "line 1")


def _named(format: str) -> str:
    return {"jsonl": "one JSON object per line", "csv": "CSV"}[format]
