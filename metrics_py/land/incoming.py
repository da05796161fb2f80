"""Incoming rows: the temporary tables that files are typed into, `incoming` (rows) and `rejected` (with reasons)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from metrics_py.errors import RefusedFileError
from metrics_py.land.contract import Contract
from metrics_py.land.files import ExtractFile
from metrics_py.land.records import ignored
from metrics_py.land.typing import Typing, incoming_table

MOST_REJECTED = 1_000_000
"""Records of one file that may go to the quarantine; past them the file itself is not what its name says."""

_ISO = "%Y-%m-%dT%H:%M:%S.%f"


@dataclass
class LoadedFile:
    """A file whose records are in `incoming` and `rejected` under its number.

    Attributes:
        number: its number in the temporary tables.
        file: the file.
        content_hash: SHA-256 of its bytes.
        columns: the columns found in it.
        refusal: why nothing of it lands; null when it does.
        time: its extract time (UTC, naive) when only its rows or the caller could tell it.
        landed, unchanged, quarantined, unreadable: counts of records, once written.
    """

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


class Incoming:
    """The temporary tables of one table's files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, typing: Typing, contract: Contract) -> None:
        self.connection = connection
        self.table = typing.table
        self._typing = typing
        self._zone = ZoneInfo(contract.zone_of(self.table.source))
        self._org_zone = ZoneInfo(contract.org_timezone)

    def start(self, files: Iterable[LoadedFile], given: datetime | None) -> None:
        """Empty the temporary tables and announce the files to come."""
        self.connection.execute(incoming_table(self.table))
        self.connection.execute(
            "create or replace temp table rejected (file_no integer, line bigint, column_name varchar, value varchar, "
            "reason varchar, _row_key varchar, is_duplicate boolean)"
        )
        rows = [(loaded.number, *self._limits(loaded.file, given)) for loaded in files]
        self.connection.execute(
            "create or replace temp table extract_files (file_no integer, extracted_at timestamp, "
            "taken_until timestamp, utc_limit varchar, naive_limit varchar, date_limit varchar)"
        )
        self.connection.execute(
            "insert into extract_files values " + ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows)),
            [value for row in rows for value in row],
        )

    def forget(self, loaded: LoadedFile) -> None:
        """Take out everything of a file."""
        self.connection.execute(f"delete from incoming where file_no = {loaded.number}")
        self.connection.execute(f"delete from rejected where file_no = {loaded.number}")

    def type(self, shape: str, stamped: bool) -> None:
        """Type a shape: first the rows in the commonest spellings, then the others with care.

        Args:
            shape: query for fields as text (see `metrics_py.land.typing`).
            stamped: whether its rows may carry their own extract time.
        """
        self.connection.execute(self._typing.insert(shape, stamped=stamped, commonly=True))
        self.connection.execute(
            "create or replace temp table uncommon as select file_no, line from incoming where is_bad "
            "and (file_no, line) not in (select (file_no, line) from rejected)"
        )
        if not self.one("select count(*) from uncommon")[0]:
            return
        rest = f"select * from ({shape}) semi join uncommon using (file_no, line)"
        self.connection.execute(
            "delete from incoming where is_bad and (file_no, line) in (select (file_no, line) from uncommon)"
        )
        self.connection.execute(self._typing.insert(rest, stamped=stamped))
        if self.one("select count(*) from incoming semi join uncommon using (file_no, line) where is_bad")[0]:
            self.connection.execute(
                f"insert into rejected select *, false from ({self._typing.explain(rest, stamped=stamped)})"
            )

    def check_rejected(self, loaded: LoadedFile) -> None:
        """Refuse a file of which too much cannot be read to be what its name says.

        Raises: RefusedFileError
        """
        count, line = self.one(f"select count(*), min(line) from rejected where file_no = {loaded.number}")
        if count > MOST_REJECTED:
            (reason,) = self.one(
                f"select min(reason) from rejected where file_no = {loaded.number} and line = {line} group by line"
            )
            raise RefusedFileError(
                f"more than {MOST_REJECTED:,} of its records cannot be read; the first is record {line}: {reason}. "
                "Export the file again"
            )

    def one(self, query: str) -> tuple[Any, ...]:
        """The only row of a query."""
        (row,) = self.connection.execute(query).fetchall()
        return tuple(row)

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
