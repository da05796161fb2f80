"""CSV files into `incoming`: large plain ones by the engine's reader, the others record by record."""

from collections import defaultdict
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from metrics_py.land.contract import STAMP_COLUMNS
from metrics_py.land.csv_records import LONGEST_RECORD, CsvRecord, CsvRecords, is_plain_csv, without_bad_bytes
from metrics_py.land.incoming import Incoming, LoadedFile
from metrics_py.land.records import BLOCK, line_blocks
from metrics_py.land.typing import fields, quoted, quoted_name, quoted_path, stamp_columns

_RECORDS = 50_000
_LARGE = 1 << 22


class CsvFiles:
    """Records waiting to be typed into `incoming`."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._connection = incoming.connection
        self._table = incoming.table
        self._waiting: list[tuple[LoadedFile, tuple[str, ...], list[CsvRecord]]] = []
        self._waiting_characters = 0

    def add(self, loaded: LoadedFile) -> None:
        """Read a file; its records are typed now or with those of later files."""
        with loaded.file.open() as stream:
            records = CsvRecords(stream, self._table)
            loaded.columns = set(records.names)
            if loaded.file.path.stat().st_size >= _LARGE and self._add_plain(loaded, records.names):
                return
            names = tuple(records.names)
            piece: list[CsvRecord] = []
            for record in records:
                piece.append(record)
                self._waiting_characters += records.length
                if len(piece) == _RECORDS or self._waiting_characters >= BLOCK:
                    self._waiting.append((loaded, names, piece))
                    self.flush()
                    self._incoming.check_rejected(loaded)
                    piece = []
            self._waiting.append((loaded, names, piece))

    def forget(self, loaded: LoadedFile) -> None:
        """Drop the waiting records of a file."""
        self._waiting = [entry for entry in self._waiting if entry[0] is not loaded]

    def flush(self) -> None:
        """Type the waiting records, of files with the same columns at once: a query costs more than a file."""
        waiting, self._waiting, self._waiting_characters = self._waiting, [], 0
        by_names: dict[tuple[str, ...], list[tuple[LoadedFile, list[CsvRecord]]]] = defaultdict(list)
        for loaded, names, records in waiting:
            by_names[names].append((loaded, records))
        for names, pieces in by_names.items():
            self._type(names, pieces)

    def _add_plain(self, loaded: LoadedFile, names: list[str]) -> bool:
        """Load a CSV file with DuckDB's reader, if that reads it exactly as `CsvRecords` would; else leave no trace."""
        with loaded.file.open() as stream:
            if not all(is_plain_csv(block) for block in line_blocks(stream)):
                return False
        columns = ", ".join(f"{quoted(f'column{index}')}: 'varchar'" for index in range(len(names)))
        source = (
            f"read_csv({quoted_path(loaded.file.path)}, hive_partitioning = false, auto_detect = false, "
            f"header = true, columns = {{{columns}}}, "
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
        self._incoming.type(shape, stamped=bool(stamps))
        self._connection.execute("drop table csv_fields")
        return True

    def _type(self, names: tuple[str, ...], pieces: list[tuple[LoadedFile, list[CsvRecord]]]) -> None:
        wanted = {column.name for column in self._table.columns} | set(STAMP_COLUMNS)
        records = [record for _, piece in pieces for record in piece]
        try:
            arrays = _arrays(names, wanted, records)
        except UnicodeEncodeError:
            arrays = _arrays(names, wanted, [without_bad_bytes(record) for record in records])
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
        self._incoming.type(shape, stamped=bool(stamps))
        self._connection.unregister("csv_records")


def _arrays(names: Sequence[str], wanted: set[str], records: list[CsvRecord]) -> dict[str, pa.Array]:
    arrays = {
        "line": pa.array([record.number for record in records], pa.int64()),
        "broken": pa.array([record.broken for record in records], pa.string()),
    }
    for index, name in enumerate(names):
        if name in wanted:
            arrays[name] = pa.array([record.fields[index] for record in records], pa.string())
    return arrays
