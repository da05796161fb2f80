"""The logs of landing: what was landed from which file, what could not be, and where a full extract is silent."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from metrics_py.land.contract import Table
from metrics_py.land.incoming import LoadedFile
from metrics_py.land.originals import texts
from metrics_py.land.presence import presence_view
from metrics_py.land.typing import quoted

_COUNTS = """
select file_no, coalesce(row_count, 0), coalesce(landed_count, 0), coalesce(quarantined_count, 0),
    coalesce(unreadable_count, 0)
from extract_times
left join (select file_no, count(*) as row_count from incoming group by file_no) using (file_no)
left join (select file_no, count(*) as landed_count from fresh group by file_no) using (file_no)
left join (
    select file_no, count(*) as quarantined_count,
        count(*) filter (where _row_key is null and not is_duplicate) as unreadable_count
    from rejected group by file_no
) using (file_no)
"""


class Logs:
    """Writes the logs of one table; all in the caller's transaction."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: Table) -> None:
        self._connection = connection
        self._table = table
        self._names = f"{quoted(table.source)}, {quoted(table.name)}"
        self._mine = f"source = {quoted(table.source)} and table_name = {quoted(table.name)}"
        gaps = connection.execute(f"select distinct extracted_at from raw.extract_gaps where {self._mine}").fetchall()
        self._times_with_gaps = {time for (time,) in gaps}

    def write_extracts(self, files: Sequence[tuple[datetime, LoadedFile]]) -> None:
        """Log landed files with their extract times, and count their records."""
        counts = {number: counted for number, *counted in self._connection.execute(_COUNTS).fetchall()}
        rows: list[tuple[Any, ...]] = []
        for time, loaded in files:
            records, loaded.landed, loaded.quarantined, loaded.unreadable = counts[loaded.number]
            loaded.unchanged = records - loaded.landed - loaded.quarantined
            whence = (self._table.source, self._table.name, loaded.file.name, loaded.content_hash, time)
            counted = (records, loaded.landed, loaded.unchanged, loaded.quarantined)
            rows.append((*whence, self._table.is_full, *counted, json.dumps(loaded.ignored)))
        self._connection.execute(
            "insert into raw.raw_extracts values " + ", ".join([f"({', '.join(['?'] * 11)})"] * len(rows)),
            [value for row in rows for value in row],
        )

    def write_quarantine(self, files: Sequence[LoadedFile]) -> None:
        """Log the rejected records of files, each with its text; keys that can be read are silent, not gone."""
        if not any(loaded.quarantined for loaded in files):
            return
        self._connection.register("record_texts", self._texts(files))
        self._connection.execute(
            f"insert into raw.raw_quarantine select {self._names}, file, line, column_name, value, reason, file_time, "
            "record from rejected inner join extract_times using (file_no) "
            "left join record_texts using (file_no, line) order by file_no, line"
        )
        self._connection.unregister("record_texts")
        readable = "rejected inner join extract_times using (file_no) where _row_key is not null and not is_duplicate"
        if self._table.is_full and self._connection.execute(f"select 1 from {readable} limit 1").fetchone():
            self._connection.execute(
                f"insert into raw.unread_keys select distinct {self._names}, _row_key, file_time from {readable}"
            )
            self._allow_for_silence()

    def write_gaps(self, time: datetime, files: Sequence[LoadedFile]) -> None:
        """Log why the full extract of a time cannot prove that a row is gone.

        A part refused before is made up for by any part that lands later, unless one is refused again.

        Args:
            time: the extract's time.
            files: the files of that time met in this landing.
        """
        gaps = [(loaded.file.name, "refused") for loaded in files if loaded.refusal]
        gaps += [(loaded.file.name, "unreadable key") for loaded in files if loaded.unreadable]
        if not gaps and time not in self._times_with_gaps:
            return
        execute = self._connection.execute
        at = f"{self._mine} and extracted_at = '{time}'::timestamp"
        if any(loaded.refusal is None for loaded in files):
            execute(f"delete from raw.extract_gaps where {at} and reason = 'refused'")
        for name, reason in gaps:
            execute(f"delete from raw.extract_gaps where {at} and file = ? and reason = ?", [name, reason])
            execute(f"insert into raw.extract_gaps values ({self._names}, '{time}', ?, ?)", [name, reason])
        execute(
            f"update raw.raw_extracts set is_full = not exists (select 1 from raw.extract_gaps where {at}) where {at}"
        )
        self._times_with_gaps.add(time)
        self._allow_for_silence()

    def _allow_for_silence(self) -> None:
        self._connection.execute(presence_view(self._table, has_silence=True))

    def _texts(self, files: Sequence[LoadedFile]) -> pa.Table:
        lines: dict[int, set[int]] = {}
        for number, line in self._connection.execute("select file_no, line from rejected").fetchall():
            lines.setdefault(number, set()).add(line)
        found = [
            (loaded.number, line, text)
            for loaded in files
            if loaded.number in lines
            for line, text in texts(loaded.file, lines[loaded.number], self._connection)
        ]
        return pa.table(
            {
                "file_no": pa.array([number for number, _, _ in found], pa.int32()),
                "line": pa.array([line for _, line, _ in found], pa.int64()),
                "record": pa.array([text for _, _, text in found], pa.string()),
            }
        )
