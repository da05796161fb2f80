"""Loading: files of one table into `incoming`, or the reason why a file is refused whole."""

import gzip
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from metrics_py.errors import RefusedFileError
from metrics_py.land.csv_files import CsvFiles
from metrics_py.land.incoming import Incoming, LoadedFile
from metrics_py.land.json_lines import JsonLines
from metrics_py.land.parquet_files import load_parquet
from metrics_py.land.records import check_columns, check_start
from metrics_py.land.typing import stamp_columns

_UNREADABLE_STREAM = (EOFError, gzip.BadGzipFile, zlib.error, OSError)
_DAY = timedelta(days=1)


class Loading:
    """Loads files of one table into `incoming` and `rejected`."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._connection = incoming.connection
        self._table = incoming.table
        self._json_lines = JsonLines(incoming)
        self._csv_files = CsvFiles(incoming)

    def start(self, files: Iterable[LoadedFile], given: datetime | None) -> None:
        """Empty the temporary tables and announce the files to come; `given` is the time of those that carry none."""
        self._incoming.start(files, given)

    def load(self, loaded: LoadedFile) -> None:
        """Load one file; what is wrong with it as a whole stands in its `refusal` and nothing of it stays."""
        try:
            if loaded.file.format == "parquet":
                load_parquet(self._incoming, loaded)
            else:
                with loaded.file.open() as stream:
                    start = stream.read(4096)
                check_start(start, loaded.file.format)
                if loaded.file.format == "csv":
                    self._csv_files.add(loaded)
                else:
                    self._json_lines.add(loaded)
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
        self._json_lines.flush()
        self._csv_files.flush()
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
        (records,) = self._incoming.one(f"select count(*) from incoming where {mine}")
        (strangers,) = self._incoming.one(
            f"select count(*) from rejected where {mine} and reason like 'not a JSON object%'"
        )
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
        self._json_lines.forget(loaded)
        self._csv_files.forget(loaded)
        self._incoming.forget(loaded)


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
