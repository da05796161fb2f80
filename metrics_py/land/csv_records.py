"""CSV records: numbered, split into fields, and still a record each when they cannot be split."""

import csv
import io
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from metrics_py.errors import RefusedFileError
from metrics_py.land.contract import Table
from metrics_py.land.records import check_columns

LONGEST_RECORD = 1 << 28
"""Characters of the longest CSV record; past it, a quote is taken for one that never closes."""

_BAD_BYTE = re.compile("[\udc80-\udcff]")


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
        try:
            header = next(self, [])
        except (csv.Error, _TooLongError):
            raise RefusedFileError(
                "line 1: the quotes of the header do not pair up; export the file again with a plain header"
            ) from None
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
        self._stream = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._waiting: deque[str] = deque()
        self.length = 0
        self.consumed: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if not self.consumed:
            self.length = 0
        line = self._waiting.popleft() if self._waiting else self._stream.readline(LONGEST_RECORD)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_RECORD:
            raise RefusedFileError(
                f"a line is longer than {LONGEST_RECORD:,} characters; export the file again, one record per line"
            )
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
    fields = [None if field is not None and _BAD_BYTE.search(field) else field for field in record.fields]
    if fields == record.fields:
        return record
    return CsvRecord(record.number, fields, record.broken or "not valid UTF-8")


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


def _padded(fields: list[str] | list[str | None], width: int) -> list[str | None]:
    return [*fields, *[None] * width][:width]


def _check_header(names: list[str], table: Table) -> None:
    if len(names) == 1 and len(table.columns) > 1:
        for delimiter, called in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
            if delimiter in names[0]:
                raise RefusedFileError(f"line 1: fields are separated by {called}; export it with commas")
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise RefusedFileError(f"line 1: the header names {', '.join(twice)} twice; keep one column of each name")
    check_columns(set(names), table, "line 1")
