"""Loading: files of one table into the temporary tables `incoming` (typed rows) and `rejected` (with their reasons)."""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa

from metrics_py.errors import RefusedFileError
from metrics_py.land.contract import STAMP_COLUMNS, Contract
from metrics_py.land.files import ExtractFile
from metrics_py.land.records import (
    BLOCK,
    LONGEST_RECORD,
    CsvRecord,
    CsvRecords,
    broken_json,
    check_columns,
    check_start,
    ignored,
    is_plain_csv,
    line_blocks,
    without_bad_bytes,
)
from metrics_py.land.typing import Typing, fields, incoming_table, quoted, stamp_columns

_ISO = "%Y-%m-%dT%H:%M:%S.%f"
_UNREADABLE_STREAM = (EOFError, gzip.BadGzipFile, zlib.error, OSError)
_DAY = timedelta(days=1)
_NOT_AN_OBJECT = "\0"
_CSV_RECORDS = 50_000
_LARGE_CSV = 1 << 22


@dataclass
class LoadedFile:
    """A file whose records are in `incoming` and `rejected` under its number."""

    number: int
    file: ExtractFile
    content_hash: str
    columns: set[str] = field(default_factory=set)
    refusal: str | None = None
    time: datetime | None = None
    landed: int = 0
    unchanged: int = 0
    quarantined: int = 0
    unreadable: int = 0

    @property
    def ignored(self) -> list[str]:
        """Columns that the contract does not name."""
        return ignored(self.columns, self.file.table)


class Loading:
    """Loads files of one table into `incoming` and `rejected`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, typing: Typing, contract: Contract) -> None:
        self._connection = connection
        self._typing = typing
        self._table = typing.table
        self._zone = ZoneInfo(contract.zone_of(self._table.source))
        self._org_zone = ZoneInfo(contract.org_timezone)
        self._lines: list[tuple[LoadedFile, int, pa.Array]] = []
        self._waiting_bytes = 0
        self._records: list[tuple[LoadedFile, tuple[str, ...], list[CsvRecord]]] = []
        self._waiting_characters = 0

    def start(self, files: Iterable[LoadedFile], given: datetime | None) -> None:
        """Empty the temporary tables and announce the files to come."""
        self._connection.execute(incoming_table(self._table))
        self._connection.execute(
            "create or replace temp table rejected (file_no integer, line bigint, column_name varchar, value varchar, "
            "reason varchar, _row_key varchar, is_duplicate boolean)"
        )
        rows = [(loaded.number, *self._limits(loaded.file, given)) for loaded in files]
        self._connection.execute(
            "create or replace temp table extract_files (file_no integer, extracted_at timestamp, "
            "taken_until timestamp, utc_limit varchar, naive_limit varchar, date_limit varchar)"
        )
        self._connection.execute(
            "insert into extract_files values " + ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows)),
            [value for row in rows for value in row],
        )

    def load(self, loaded: LoadedFile) -> None:
        """Load one file; what is wrong with it as a whole stands in its `refusal` and nothing of it stays."""
        try:
            if loaded.file.format == "parquet":
                self._load_parquet(loaded)
            else:
                with loaded.file.open() as stream:
                    start = stream.read(4096)
                check_start(start, loaded.file.format)
                if loaded.file.format == "csv":
                    self._load_csv(loaded)
                else:
                    self._load_jsonl(loaded)
        except RefusedFileError as error:
            self._refuse(loaded, str(error))
        except _UNREADABLE_STREAM as error:
            what = "not a complete gzip file" if loaded.file.is_gzip else "cannot be read"
            self._refuse(loaded, f"{what} ({error}); fetch it again")

    def finish(self, files: list[LoadedFile], given: datetime | None, newest: datetime | None) -> None:
        """Type what is still waiting, refuse the files that turned out not to be what their names say, date the rest.

        Args:
            files: the files loaded since `start`.
            given: time of files that carry none.
            newest: the newest extract known besides these files.
        """
        self._flush_lines()
        self._flush_records()
        for loaded in files:
            try:
                if loaded.refusal is None and loaded.file.format == "jsonl":
                    self._check_lines(loaded)
                if loaded.refusal is None and loaded.file.extracted_at is None:
                    self._date(loaded, given, newest)
            except RefusedFileError as error:
                self._refuse(loaded, str(error))

    def _check_lines(self, loaded: LoadedFile) -> None:
        if loaded.columns:
            check_columns(loaded.columns, self._table, "line 1")
            return
        mine = f"file_no = {loaded.number}"
        (records,) = self._one(f"select count(*) from incoming where {mine}")
        (strangers,) = self._one(f"select count(*) from rejected where {mine} and reason like 'not a JSON object%'")
        if records and records == strangers:
            raise RefusedFileError("line 1: not a JSON object, nor is any other line; export it as one object per line")

    def _date(self, loaded: LoadedFile, given: datetime | None, newest: datetime | None) -> None:
        """Find the time of a file whose name carries none: its rows' newest, else the caller's."""
        if not stamp_columns(loaded.columns):
            if given is None:
                raise RefusedFileError(
                    "no extract time, neither in its name nor in its records; put a time in the name "
                    "(notes-2025-01-31T060000Z.jsonl) or give --extracted-at"
                )
            loaded.time = given.replace(tzinfo=None)
            return
        mine = f"file_no = {loaded.number} and not is_bad"
        counted = self._connection.execute(
            f"select stamp, count(*) from incoming where {mine} and stamp is not null group by stamp order by stamp"
        ).fetchall()
        trusted = _trusted(counted, newest)
        if trusted is None:
            raise RefusedFileError(
                f"none of its records has an extract time that can be trusted (the latest other extract is {newest}); "
                "put a time in the file's name"
            )
        loaded.time = trusted
        if counted[-1][0] > trusted:
            later = f"{mine} and stamp > '{trusted}'::timestamp"
            self._connection.execute(
                "insert into rejected select file_no, line, '_extracted_at', strftime(stamp, '%Y-%m-%dT%H:%M:%SZ'), "
                "'more than a day later than every other extract', _row_key, false "
                f"from incoming where {later}"
            )
            self._connection.execute(f"update incoming set is_bad = true where {later}")

    def _refuse(self, loaded: LoadedFile, message: str) -> None:
        loaded.refusal = message
        self._lines = [entry for entry in self._lines if entry[0] is not loaded]
        self._records = [entry for entry in self._records if entry[0] is not loaded]
        self._connection.execute(f"delete from incoming where file_no = {loaded.number}")
        self._connection.execute(f"delete from rejected where file_no = {loaded.number}")

    def _limits(
        self, file: ExtractFile, given: datetime | None
    ) -> tuple[datetime | None, datetime | None, str | None, str | None, str | None]:
        """Extract time, latest moment the rows' own times may be, and latest event times in each of the three forms."""
        start, until = file.extracted_at or given, file.taken_until or given
        if start is None or until is None:
            return None, None, None, None, None
        return (
            start.replace(tzinfo=None),
            until.replace(tzinfo=None) if file.taken_until else None,
            until.strftime(_ISO),
            until.astimezone(self._zone).strftime(_ISO),
            until.astimezone(self._org_zone).strftime("%Y-%m-%d"),
        )

    def _type(self, shape: str, stamped: bool) -> None:
        """Type a shape: first the rows in the commonest spellings, then the others with care."""
        self._connection.execute(self._typing.insert(shape, stamped=stamped, commonly=True))
        self._connection.execute(
            "create or replace temp table uncommon as select file_no, line from incoming where is_bad "
            "and (file_no, line) not in (select (file_no, line) from rejected)"
        )
        if not self._one("select count(*) from uncommon")[0]:
            return
        rest = f"select * from ({shape}) semi join uncommon using (file_no, line)"
        self._connection.execute(
            "delete from incoming where is_bad and (file_no, line) in (select (file_no, line) from uncommon)"
        )
        self._connection.execute(self._typing.insert(rest, stamped=stamped))
        if self._one("select count(*) from incoming semi join uncommon using (file_no, line) where is_bad")[0]:
            self._connection.execute(
                f"insert into rejected select *, false from ({self._typing.explain(rest, stamped=stamped)})"
            )

    def _one(self, query: str) -> tuple[Any, ...]:
        (row,) = self._connection.execute(query).fetchall()
        return tuple(row)

    # JSON lines

    def _load_jsonl(self, loaded: LoadedFile) -> None:
        first_line = 1
        with loaded.file.open() as stream:
            for block in line_blocks(stream):
                lines = _lines(block)
                self._lines.append((loaded, first_line, lines))
                first_line += len(lines)
                self._waiting_bytes += len(block)
                if self._waiting_bytes >= BLOCK:
                    self._flush_lines()
                    if loaded.refusal:
                        return

    def _flush_lines(self) -> None:
        if not self._lines:
            return
        waiting, self._lines, self._waiting_bytes = self._lines, [], 0
        by_number = {loaded.number: loaded for loaded, _, _ in waiting}
        broken: list[tuple[int, int, str, str]] = []
        sound: list[tuple[int, int, pa.Array]] = []
        for loaded, first_line, lines in waiting:
            try:
                lines.validate(full=True)
                sound.append((loaded.number, first_line, lines))
            except pa.ArrowInvalid:
                start = 0
                for index, line in enumerate(lines.cast(pa.binary())):
                    if not _is_utf8(line.as_py()):
                        sound.append((loaded.number, first_line + start, lines.slice(start, index - start)))
                        start = index + 1
                        broken.append((loaded.number, first_line + index, *broken_json(line.as_py(), self._table.key)))
                sound.append((loaded.number, first_line + start, lines.slice(start)))
        self._connection.register("all_lines", _line_table(sound))
        source = "select file_no, line, cast(null as varchar) as broken, record from all_lines"
        found: dict[int, set[str]] | None = None
        if not broken:
            with suppress(duckdb.InvalidInputException):
                found = self._json_names(source)
        if found is None or any(_NOT_AN_OBJECT in names for names in found.values()):
            source = self._without_broken_lines(source, broken)
            found = self._json_names(f"select * from ({source}) where broken is null")
        present: set[str] = set()
        for number, names in found.items():
            by_number[number].columns |= names - {_NOT_AN_OBJECT}
            present |= names
        self._type(self._json_shape(source, present), stamped=bool(stamp_columns(present)))
        self._connection.unregister("all_lines")

    def _json_names(self, source: str) -> dict[int, set[str]]:
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
        left_out: list[tuple[int, int]] = []
        for number, line, record, is_json in self._connection.execute(
            "select file_no, line, record, try(json_keys(record)) is not null as is_json from all_lines "
            "where not is_json or record not like '{%'"
        ).fetchall():
            if not record.strip():
                left_out.append((number, line))
            elif not is_json or not record.lstrip().startswith("{"):
                left_out.append((number, line))
                broken.append((number, line, *broken_json(record.encode(), self._table.key)))
        if left_out:
            self._connection.register("left_out", _pair_table(left_out))
            source += " anti join left_out using (file_no, line)"
        if broken:
            self._connection.register("broken_lines", _broken_table(broken))
            source += " union all select file_no, line, broken, record from broken_lines"
        return source

    def _json_shape(self, source: str, present: set[str]) -> str:
        names = [column.name for column in self._table.columns] + stamp_columns(present)
        structure = "{" + ", ".join(f'"{name}": "VARCHAR"' for name in names) + "}"
        named = {column.name: f'r."{column.name}"' for column in self._table.columns}
        stamps = [f'r."{name}"' for name in stamp_columns(present)]
        return (
            f"select file_no, line, broken, {fields(self._table, named, stamps)} from "
            f"(select file_no, line, broken, json_transform(record, {quoted(structure)}) as r from ({source}))"
        )

    # CSV

    def _load_csv(self, loaded: LoadedFile) -> None:
        with loaded.file.open() as stream:
            records = CsvRecords(stream, self._table)
            loaded.columns = set(records.names)
            if loaded.file.path.stat().st_size >= _LARGE_CSV and self._load_plain_csv(loaded, records.names):
                return
            names = tuple(records.names)
            piece: list[CsvRecord] = []
            for record in records:
                piece.append(record)
                self._waiting_characters += records.length
                if len(piece) == _CSV_RECORDS or self._waiting_characters >= BLOCK:
                    self._records.append((loaded, names, piece))
                    self._flush_records()
                    piece = []
            self._records.append((loaded, names, piece))

    def _flush_records(self) -> None:
        """Type the waiting records, of files with the same columns at once: a query costs more than a file."""
        waiting, self._records, self._waiting_characters = self._records, [], 0
        by_names: dict[tuple[str, ...], list[tuple[LoadedFile, list[CsvRecord]]]] = defaultdict(list)
        for loaded, names, records in waiting:
            by_names[names].append((loaded, records))
        for names, pieces in by_names.items():
            self._type_csv(names, pieces)

    def _load_plain_csv(self, loaded: LoadedFile, names: list[str]) -> bool:
        """Load a CSV file with DuckDB's reader, if that reads it exactly as `CsvRecords` would; else leave no trace."""
        with loaded.file.open() as stream:
            if not all(is_plain_csv(block) for block in line_blocks(stream)):
                return False
        columns = ", ".join(f"{quoted(f'column{index}')}: 'varchar'" for index in range(len(names)))
        source = (
            f"read_csv({quoted(str(loaded.file.path))}, auto_detect = false, header = true, columns = {{{columns}}}, "
            "delim = ',', quote = '\"', escape = '\"', strict_mode = true, null_padding = false, "
            f"ignore_errors = false, max_line_size = {LONGEST_RECORD})"
        )
        at = {name: f"column{index}" for index, name in enumerate(names)}
        named = {column.name: at[column.name] for column in self._table.columns if column.name in at}
        stamps = stamp_columns(set(names))
        shape = (
            f"select {loaded.number} as file_no, line, cast(null as varchar) as broken, "
            f"{fields(self._table, named, [at[name] for name in stamps])} "
            "from (select rowid + 1 as line, * from csv_fields)"
        )
        wanted = ", ".join([*named.values(), *(at[name] for name in stamps)])
        try:
            # Rows keep the file's order, so their ids number the records; numbering them here would use one core.
            self._connection.execute(f"create or replace temp table csv_fields as select {wanted} from {source}")
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException):
            return False
        self._type(shape, stamped=bool(stamps))
        self._connection.execute("drop table csv_fields")
        return True

    def _type_csv(self, names: tuple[str, ...], pieces: list[tuple[LoadedFile, list[CsvRecord]]]) -> None:
        wanted = {column.name for column in self._table.columns} | set(STAMP_COLUMNS)
        records = [record for _, piece in pieces for record in piece]
        try:
            arrays = _csv_arrays(names, wanted, records)
        except UnicodeEncodeError:
            arrays = _csv_arrays(names, wanted, [without_bad_bytes(record) for record in records])
        arrays["file_no"] = pa.concat_arrays(
            [pa.array(np.full(len(piece), loaded.number, np.int32)) for loaded, piece in pieces]
        )
        self._connection.register("csv_records", pa.table(arrays))
        named = {column.name: f'"{column.name}"' for column in self._table.columns if column.name in arrays}
        stamps = stamp_columns(set(arrays))
        shape = (
            "select file_no, line, broken, "
            f"{fields(self._table, named, [quoted_name(name) for name in stamps])} from csv_records"
        )
        self._type(shape, stamped=bool(stamps))
        self._connection.unregister("csv_records")

    # Parquet

    def _load_parquet(self, loaded: LoadedFile) -> None:
        source = f"read_parquet({quoted(str(loaded.file.path))}, file_row_number = true, binary_as_string = true)"
        try:
            types = {
                name.lower(): data_type
                for name, data_type, *_ in self._connection.execute(f"describe select * from {source}").fetchall()
                if name != "file_row_number"
            }
            check_columns(set(types), self._table, "schema")
            loaded.columns = set(types)
            wanted = [column.name for column in self._table.columns if column.name in types]
            stamps = stamp_columns(set(types))
            named = {name: _parquet_text(quoted_name(name), types[name]) for name in wanted}
            shape = (
                f"select {loaded.number} as file_no, file_row_number + 1 as line, cast(null as varchar) as broken, "
                f"{fields(self._table, named, [_parquet_text(quoted_name(name), types[name]) for name in stamps])} "
                f"from {source}"
            )
            self._type(shape, stamped=bool(stamps))
        except (duckdb.BinderException, duckdb.ParserException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise RefusedFileError(f"not a readable Parquet file ({reason}); export it again") from error


def _trusted(counted: list[tuple[datetime, int]], newest: datetime | None) -> datetime | None:
    """The newest of a file's own extract times that can be trusted; null when there is none.

    Not trusted are times more than a day later than every other extract and all earlier records of the file, when a
    single record has them or under a tenth of all: one bad stamp would move the whole build into the future.
    """
    total = sum(count for _, count in counted)
    top, above = len(counted) - 1, 0
    for index in range(len(counted) - 1, -1, -1):
        time, count = counted[index]
        above += count
        below = [other for other in (newest, counted[index - 1][0] if index else None) if other is not None]
        if not below or time - max(below) <= _DAY:
            continue
        if above > 1 and above * 10 >= total:
            break
        top, above = index - 1, 0
    return counted[top][0] if top >= 0 else None


def quoted_name(name: str) -> str:
    """SQL identifier of a column."""
    return '"' + name.replace('"', '""') + '"'


def _lines(block: bytes) -> pa.Array:
    """Lines of a block, each with its line end, without copying."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == 10).astype(np.int32) + 1
    offsets = np.concatenate([np.zeros(1, np.int32), ends])
    if offsets[-1] != len(block):
        offsets = np.append(offsets, np.int32(len(block)))
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(block))


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


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


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


def _csv_arrays(names: Sequence[str], wanted: set[str], records: list[CsvRecord]) -> dict[str, pa.Array]:
    arrays = {
        "line": pa.array([record.number for record in records], pa.int64()),
        "broken": pa.array([record.broken for record in records], pa.string()),
    }
    for index, name in enumerate(names):
        if name in wanted:
            arrays[name] = pa.array([record.fields[index] for record in records], pa.string())
    return arrays


def _parquet_text(column: str, data_type: str) -> str:
    """Text of a Parquet column, as the text formats would have carried it."""
    kind = data_type.upper()
    if kind == "VARCHAR":
        return column
    if kind == "TIMESTAMP WITH TIME ZONE":
        instant = f"timezone('UTC', {column})"
        return f"{_iso_text(instant)} || 'Z'"
    if kind.startswith("TIMESTAMP"):
        return _iso_text(f"cast({column} as timestamp)")
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = floor({column}) and abs({column}) < 1e18"
        digits = f"cast(case when {whole} then {column} end as bigint)"
        text = f"coalesce(cast({digits} as varchar), cast({column} as varchar))"
        return f"case when not isnan({column}) then {text} end"
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"


def _iso_text(instant: str) -> str:
    return f"replace(strftime({instant}, '{_ISO}'), '.000000', '')"


def texts(file: ExtractFile, lines: set[int], connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    """The records with the given numbers, as they stand in the file."""
    if file.format == "parquet":
        numbers = ", ".join(str(line - 1) for line in sorted(lines))
        source = f"read_parquet({quoted(str(file.path))}, file_row_number = true, binary_as_string = true)"
        yield from connection.execute(
            "select file_row_number + 1, "
            f"cast(to_json(struct_pack(*columns(* exclude (file_row_number)))) as varchar) from {source} as records "
            f"where file_row_number in ({numbers})"
        ).fetchall()
        return
    with file.open() as stream:
        if file.format == "csv":
            records = CsvRecords(stream, file.table)
            for record in records:
                if record.number in lines:
                    yield record.number, records.text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        else:
            first = 1
            for block in line_blocks(stream):
                pieces = block.split(b"\n")
                count = len(pieces) - (block[-1:] == b"\n")
                for line in sorted(number for number in lines if first <= number < first + count):
                    yield line, pieces[line - first].rstrip(b"\r").decode("utf-8", "replace")
                first += count
