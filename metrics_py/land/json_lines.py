"""JSON lines into `incoming`: the lines of many files at once, without copying them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

import duckdb
import numpy as np
import pyarrow as pa

from metrics_py.errors import RefusedFileError
from metrics_py.land.incoming import MOST_REJECTED, Incoming, LoadedFile
from metrics_py.land.records import BLOCK, line_blocks
from metrics_py.land.typing import fields, quoted, stamp_columns

_IS_TEXT = r"not regexp_full_match(record, '\s*')"
_NOT_AN_OBJECT = "\0"
_BAD_BYTE = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s*")


class JsonLines:
    """Lines waiting to be typed into `incoming`."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._connection = incoming.connection
        self._table = incoming.table
        self._waiting: list[tuple[LoadedFile, int, pa.Array]] = []
        self._waiting_bytes = 0

    def add(self, loaded: LoadedFile) -> None:
        """Read a file; its lines are typed now or with those of later files."""
        first_line, strangers = 1, 0
        with loaded.file.open() as stream:
            for block in line_blocks(stream):
                lines = _lines(block)
                self._waiting.append((loaded, first_line, lines))
                first_line += len(lines)
                self._waiting_bytes += len(block)
                strangers += _strangers(block)
                if strangers > MOST_REJECTED:
                    raise RefusedFileError(
                        f"more than {MOST_REJECTED:,} of its lines are not JSON objects; write one object per line"
                    )
                if self._waiting_bytes >= BLOCK:
                    self.flush()
                    self._incoming.check_rejected(loaded)

    def forget(self, loaded: LoadedFile) -> None:
        """Drop the waiting lines of a file."""
        self._waiting = [entry for entry in self._waiting if entry[0] is not loaded]

    def flush(self) -> None:
        """Type the waiting lines."""
        if not self._waiting:
            return
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        by_number = {loaded.number: loaded for loaded, _, _ in waiting}
        broken: list[tuple[int, int, str, str]] = []
        sound: list[tuple[int, int, pa.Array]] = []
        for loaded, first_line, lines in waiting:
            start = 0
            for index in _not_utf8(lines):
                sound.append((loaded.number, first_line + start, lines.slice(start, index - start)))
                line = lines[index].as_buffer().to_pybytes()
                broken.append((loaded.number, first_line + index, *broken_json(line, self._table.key)))
                start = index + 1
            sound.append((loaded.number, first_line + start, lines.slice(start)))
        self._connection.register("all_lines", _line_table(sound))
        source = "select file_no, line, cast(null as varchar) as broken, record from all_lines"
        found: dict[int, set[str]] | None = None
        if not broken:
            with suppress(duckdb.InvalidInputException):
                found = self._names(source)
        if found is None or any(_NOT_AN_OBJECT in names for names in found.values()):
            source = self._without_broken_lines(source, broken)
            found = self._names(f"select * from ({source}) where broken is null")
        present: set[str] = set()
        for number, names in found.items():
            by_number[number].columns |= names - {_NOT_AN_OBJECT}
            present |= names
        self._incoming.type(self._shape(source, present), stamped=bool(stamp_columns(present)))
        self._connection.unregister("all_lines")

    def _names(self, source: str) -> dict[int, set[str]]:
        """The names of all members of all records, by file; `_NOT_AN_OBJECT` for a record that may not be one."""
        found: dict[int, set[str]] = defaultdict(set)
        for number, is_object, names in self._connection.execute(
            f"select distinct file_no, record like '{{%', json_keys(record) from ({source})"
        ).fetchall():
            found[number].update(names if is_object else [*names, _NOT_AN_OBJECT])
        return found

    def _without_broken_lines(self, source: str, broken: list[tuple[int, int, str, str]]) -> str:
        """The source without blank lines, and with what can be read of the lines that are not JSON objects.

        Args:
            source: query for all lines that are text.
            broken: file, line, reason and readable rest of the lines that are not; those found here are added.
        """
        source += f" where {_IS_TEXT}"
        left_out: list[tuple[int, int]] = []
        for number, line, record, is_json in self._connection.execute(
            "select file_no, line, record, try(json_keys(record)) is not null as is_json from all_lines "
            f"where (not is_json or record not like '{{%') and {_IS_TEXT}"
        ).fetchall():
            if not is_json or not record.lstrip().startswith("{"):
                left_out.append((number, line))
                broken.append((number, line, *broken_json(record.encode(), self._table.key)))
        if left_out:
            self._connection.register("left_out", _pair_table(left_out))
            source = f"select * from ({source}) anti join left_out using (file_no, line)"
        if broken:
            self._connection.register("broken_lines", _broken_table(broken))
            source += " union all select file_no, line, broken, record from broken_lines"
        return source

    def _shape(self, source: str, present: set[str]) -> str:
        names = [column.name for column in self._table.columns] + stamp_columns(present)
        structure = "{" + ", ".join(f'"{name}": "VARCHAR"' for name in names) + "}"
        named = {column.name: f'r."{column.name}"' for column in self._table.columns}
        stamps = [f'r."{name}"' for name in stamp_columns(present)]
        return (
            f"select file_no, line, broken, {fields(self._table, named, stamps)} from "
            f"(select file_no, line, broken, json_transform(record, {quoted(structure)}) as r from ({source}))"
        )


def broken_json(line: bytes, key: tuple[str, ...]) -> tuple[str, str]:
    """What is wrong with a line that is not a JSON object, and a JSON object of the key columns it certainly holds."""
    text = line.decode("utf-8", errors="surrogateescape").strip()
    if _BAD_BYTE.search(text):
        reason = "not valid UTF-8"
    elif not text.startswith("{"):
        reason = "not a JSON object; each line must be one"
    elif not text.endswith("}"):
        reason = "not valid JSON: the line ends before the object does"
    else:
        reason = "not valid JSON"
    members = {name: value for name, value in _members(text) if name in key}
    sound = all(not _SURROGATE.search(str(value)) for value in members.values())
    return reason, json.dumps(members if sound else {})


def _members(text: str) -> Iterator[tuple[str, object]]:
    """Members of a JSON object from its start up to the first that is not complete."""
    decoder = json.JSONDecoder()

    def skip(position: int) -> int:
        match = _SPACE.match(text, position)
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


def _lines(block: bytes) -> pa.Array:
    """Lines of a block, each with its line end, without copying."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == 10).astype(np.int32) + 1
    offsets = np.concatenate([np.zeros(1, np.int32), ends])
    if offsets[-1] != len(block):
        offsets = np.append(offsets, np.int32(len(block)))
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(block))


def _strangers(block: bytes) -> int:
    """How many lines of a block neither are empty nor start like a JSON object."""
    characters = np.frombuffer(b"\n" + block, np.uint8)
    starts = characters[np.flatnonzero(characters[:-1] == 10) + 1]
    return int(np.count_nonzero((starts != 123) & (starts > 32)))


def _line_table(pieces: list[tuple[int, int, pa.Array]]) -> pa.Table:
    numbers = [pa.array(np.full(len(lines), number, np.int32)) for number, _, lines in pieces]
    lines_ = [pa.array(np.arange(first, first + len(lines), dtype=np.int64)) for _, first, lines in pieces]
    return pa.table(
        {
            "file_no": pa.chunked_array(numbers, pa.int32()),
            "line": pa.chunked_array(lines_, pa.int64()),
            "record": pa.chunked_array([lines for _, _, lines in pieces], pa.string()),
        }
    )


def _not_utf8(lines: pa.Array) -> Iterator[int]:
    """Positions of the lines that are not UTF-8."""
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        for index, line in enumerate(lines):
            try:
                line.as_buffer().to_pybytes().decode()
            except UnicodeDecodeError:
                yield index


def _pair_table(pairs: list[tuple[int, int]]) -> pa.Table:
    return pa.table(
        {
            "file_no": pa.array([number for number, _ in pairs], pa.int32()),
            "line": pa.array([line for _, line in pairs], pa.int64()),
        }
    )


def _broken_table(broken: list[tuple[int, int, str, str]]) -> pa.Table:
    numbers, lines, reasons, records = zip(*broken, strict=True)
    return pa.table(
        {
            "file_no": pa.array(numbers, pa.int32()),
            "line": pa.array(lines, pa.int64()),
            "broken": pa.array(reasons, pa.string()),
            "record": pa.array(records, pa.string()),
        }
    )
