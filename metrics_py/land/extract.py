"""Writing extracts: what was loaded, into the raw tables and their logs, in one transaction."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from metrics_py.land import duplicates, sightings
from metrics_py.land.contract import Table
from metrics_py.land.incoming import LoadedFile
from metrics_py.land.logs import Logs
from metrics_py.land.typing import quoted


@dataclass
class Extract:
    """The new files of one table with one time (UTC, naive); null until its rows have told it."""

    time: datetime | None
    files: list[LoadedFile] = field(default_factory=list)

    @property
    def good(self) -> list[LoadedFile]:
        """The files that were not refused."""
        return [loaded for loaded in self.files if loaded.refusal is None]

    @property
    def size(self) -> int:
        """Bytes to read, roughly, once uncompressed."""
        return sum(
            loaded.file.path.stat().st_size * (8 if loaded.file.is_gzip or loaded.file.format == "parquet" else 1)
            for loaded in self.files
        )


class Writer:
    """Writes the loaded extracts of one table."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: Table, landed: list[datetime]) -> None:
        self._connection = connection
        self._table = table
        self._landed = landed
        self._logs = Logs(connection, table)
        self._mine = f"source = {quoted(table.source)} and table_name = {quoted(table.name)}"

    def must_stand_alone(self, time: datetime | None) -> bool:
        """True when an extract cannot be written together with others: it is late, or its time is not known yet."""
        return time is None or (self._table.is_full and bool(self._landed) and time <= self._landed[-1])

    def write(self, batch: list[Extract]) -> None:
        """Write loaded extracts, ascending in time, in one transaction."""
        execute = self._connection.execute
        for extract in batch:
            if extract.time is None and extract.good:
                extract.time = extract.good[0].time
        good = [loaded for extract in batch for loaded in extract.good]
        if good:
            self._gather(batch)
            duplicates.reject_within(self._connection, self._table)
        late = bool(good) and self.must_stand_alone(batch[0].time)
        execute("begin")
        try:
            if good:
                self._write_rows(batch, late)
            for extract in batch:
                if self._table.is_full and extract.time is not None:
                    self._logs.write_gaps(extract.time, extract.files)
            execute("commit")
        except BaseException:
            # A commit that failed has ended the transaction itself.
            with suppress(duckdb.TransactionException):
                execute("rollback")
            raise
        self._landed = sorted({*self._landed, *(extract.time for extract in batch if extract.good and extract.time)})

    def _gather(self, batch: list[Extract]) -> None:
        """Make `extract_times` (per file) and `arrived` (good rows with their times)."""
        rows = [(loaded.number, extract.time, loaded.file.name) for extract in batch for loaded in extract.good]
        self._connection.execute(
            "create or replace temp table extract_times (file_no integer, file_time timestamp, file varchar)"
        )
        self._connection.execute(
            "insert into extract_times values " + ", ".join(["(?, ?, ?)"] * len(rows)),
            [value for row in rows for value in row],
        )
        seen = "file_time" if self._table.is_full else "coalesce(stamp, file_time)"
        self._connection.execute(
            f"create or replace temp table arrived as select file_no, line, {seen} as extracted_at, "
            "coalesce(stamp, file_time) as row_extracted_at, file, updated_rank, _row_key, _row_hash "
            "from incoming inner join extract_times using (file_no) where not is_bad"
        )

    def _write_rows(self, batch: list[Extract], late: bool) -> None:
        execute, table = self._connection.execute, self._table
        ousted = 0
        if not table.is_full or (late and batch[0].time in self._landed):
            ousted = duplicates.reject_across(self._connection, table, batch[0].time if table.is_full else None)
        fresh = f"arrived where _row_hash not in (select _row_hash from {table.raw})"
        if table.is_full and len(batch) == 1:
            execute(f"create or replace temp table fresh as select file_no, line, row_extracted_at, file from {fresh}")
        else:
            execute(
                f"create or replace temp table fresh as "
                f"select file_no, line, row_extracted_at, file from {fresh} qualify "
                "row_number() over (partition by _row_hash order by extracted_at, file desc, line desc) = 1"
            )
        if late or not table.is_full:
            self._date_back()
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        execute(
            f"insert into {table.raw} select {columns}, row_extracted_at, file, line, incoming._row_hash "
            "from incoming inner join fresh using (file_no, line)"
        )
        if ousted and table.is_full and batch[0].time:
            sightings.withdraw(
                self._connection, table, batch[0].time, self._landed, "_row_hash in (select _row_hash from ousted)"
            )
        elif ousted:
            execute(
                f"delete from {table.runs} where (_row_hash, first_seen) in "
                "(select (_row_hash, extracted_at) from ousted)"
            )
        times = [extract.time for extract in batch if extract.time and extract.good]
        if not table.is_full:
            sightings.log(self._connection, table)
        elif late:
            sightings.insert(self._connection, table, times[0], self._landed)
        else:
            sightings.append(self._connection, table, times, self._landed[-1] if self._landed else None)
        if ousted:
            self._write_ousted()
        files = [loaded for extract in batch for loaded in extract.good]
        self._logs.write_extracts(
            [(extract.time, loaded) for extract in batch if extract.time for loaded in extract.good]
        )
        self._logs.write_quarantine(files)

    def _date_back(self) -> None:
        """Give rows that an older extract holds too that extract as their origin."""
        table = self._table
        first_seen = (
            f"(select _row_hash, min(first_seen) as first_seen from {table.runs} group by _row_hash)"
            if table.is_full
            else f"(select _row_hash, _extracted_at as first_seen from {table.raw})"
        )
        self._connection.execute(
            f"update {table.raw} as raw_rows set _extracted_at = origin.row_extracted_at, "
            "_source_file = origin.file, _source_row = origin.line from ("
            "select arrived.* from arrived qualify row_number() over "
            "(partition by _row_hash order by extracted_at, file desc, line desc) = 1"
            f") as origin inner join {first_seen} as known using (_row_hash) "
            "where raw_rows._row_hash = origin._row_hash and (origin.extracted_at < known.first_seen or ("
            "origin.extracted_at = known.first_seen and origin.file > raw_rows._source_file))"
        )

    def _write_ousted(self) -> None:
        table = self._table
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        self._connection.execute(
            f"insert into raw.raw_quarantine select {quoted(table.source)}, {quoted(table.name)}, file, line, null, "
            "null, reason, extracted_at, cast(to_json(raw_record) as varchar) from ousted "
            f"inner join (select _row_hash, struct_pack({columns}) as raw_record from {table.raw}) using (_row_hash)"
        )
        self._connection.execute(
            "update raw.raw_extracts as extracts set quarantined_count = quarantined_count + ousted_count from ("
            "select file, extracted_at, count(*) as ousted_count from ousted group by file, extracted_at"
            f") as losses where {self._mine} and extracts.file = losses.file "
            + ("and extracts.extracted_at = losses.extracted_at" if table.is_full else "")
        )
        self._connection.execute(
            f"delete from {table.raw} where _row_hash in (select _row_hash from ousted) "
            f"and _row_hash not in (select _row_hash from {table.runs})"
        )
