"""Landing: every extract below a folder into the raw tables, whole extracts at a time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from metrics_py.land import store
from metrics_py.land.contract import Contract, Table, load
from metrics_py.land.extract import Extract, Writer
from metrics_py.land.files import ExtractFile, by_table, content_hash, find
from metrics_py.land.incoming import Incoming, LoadedFile
from metrics_py.land.loading import Loading
from metrics_py.land.report import LandingReport, RefusedFile, TableReport
from metrics_py.land.typing import Typing
from metrics_py.trouble import told
from metrics_py.warehouse import connect

Progress = Callable[[int, int, str, int], None]
"""Called after each file: files done, files in all, the table, records read so far."""

_BATCH_BYTES = 1 << 25
_BATCH_FILES = 500


def land(
    extracts: Path,
    warehouse: Path,
    *,
    project: Path,
    extracted_at: datetime | None = None,
    progress: Progress | None = None,
) -> LandingReport:
    """Land every extract below a folder into the raw tables of a warehouse file.

    An extract (the files of one table with one time) lands whole or not at all, and landing it again changes nothing;
    so after a stop at any moment the same call ends with what an undisturbed one gives.

    Args:
        extracts: folder of `<source>/<table>/<file>`, or a folder that holds such a folder named `extracts`.
        warehouse: the DuckDB file; made when missing.
        project: folder of the dbt project, whose sources are the contract.
        extracted_at: time of files that carry none, neither in their names nor in their rows; naive means UTC.
        progress: called after each file.

    Raises:
        UnusableInputError: there is no extracts folder.
        ConfigurationError: the contract cannot be read.
        WarehouseError: the warehouse cannot be opened or written, or was landed under another contract.
    """
    contract = load(project)
    files, refused = find(extracts, contract)
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    with told(warehouse), connect(warehouse) as connection:
        connection.execute("set enable_progress_bar = false")
        store.prepare(connection, contract)
        landing = _Landing(connection, contract, files, _utc(extracted_at), progress)
        landing.report.refused += refused
        for table, mine in by_table(files):
            landing.land_table(table, mine)
        return landing.report


class _Landing:
    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        contract: Contract,
        files: list[ExtractFile],
        given: datetime | None,
        progress: Progress | None,
    ) -> None:
        self.report = LandingReport()
        self._connection = connection
        self._contract = contract
        self._total = len(files)
        self._given = given
        self._done = 0
        self._progress = progress
        self._known: set[tuple[str, str, str, datetime]] = set(
            connection.execute("select source, table_name, content_hash, extracted_at from raw.raw_extracts").fetchall()
        )
        times = [time for *_, time in self._known]
        times += [file.extracted_at.replace(tzinfo=None) for file in files if file.extracted_at]
        self._newest = max(times, default=None)

    def land_table(self, table: Table, files: list[ExtractFile]) -> None:
        """Land the files of one table, in order of time."""
        entry = TableReport(table.source, table.name)
        landed = {time for source, name, _, time in self._known if (source, name) == (table.source, table.name)}
        loading = Loading(Incoming(self._connection, Typing(table, self._contract), self._contract))
        writer = Writer(self._connection, table, sorted(landed))
        for batch in _batches(self._extracts(table, files, entry), writer):
            loaded = [loaded for extract in batch for loaded in extract.files]
            loading.start(loaded, self._given)
            for one in loaded:
                loading.load(one)
                self._tell(entry)
            loading.finish(loaded, self._given, self._newest)
            for one in loaded:
                if one.refusal:
                    self.report.refused.append(RefusedFile(one.file.name, one.refusal))
            writer.write(batch)
            for extract in batch:
                self._count(entry, extract)
        if entry.files:
            self.report.tables.append(entry)

    def _count(self, entry: TableReport, extract: Extract) -> None:
        for loaded in extract.good:
            entry.files += 1
            entry.landed += loaded.landed
            entry.unchanged += loaded.unchanged
            entry.quarantined += loaded.quarantined
            if extract.time is not None:
                self._newest = max(self._newest or extract.time, extract.time)

    def _tell(self, entry: TableReport) -> None:
        self._done += 1
        if self._progress:
            rows = entry.landed + entry.unchanged + entry.quarantined
            self._progress(self._done, self._total, f"{entry.source}.{entry.table}", rows)

    def _extracts(self, table: Table, files: list[ExtractFile], entry: TableReport) -> Iterator[Extract]:
        """Files not landed before, grouped by time; a file without a time in its name stands alone."""
        current: Extract | None = None
        for number, file in enumerate(files):
            if file.path.stat().st_size == 0:
                self.report.empty.append(file.name)
                self._tell(entry)
                continue
            digest = content_hash(file.path)
            time = file.extracted_at.replace(tzinfo=None) if file.extracted_at else None
            if self._is_known(table, digest, time):
                self.report.known += 1
                self._tell(entry)
                continue
            if time is not None:
                self._known.add((table.source, table.name, digest, time))
            if current is not None and (time is None or current.time != time):
                yield current
                current = None
            current = current or Extract(time)
            current.files.append(LoadedFile(number, file, digest))
        if current is not None:
            yield current

    def _is_known(self, table: Table, digest: str, time: datetime | None) -> bool:
        if time is not None:
            return (table.source, table.name, digest, time) in self._known
        same = {entry[3] for entry in self._known if entry[:3] == (table.source, table.name, digest)}
        return bool(same)


def _batches(extracts: Iterator[Extract], writer: Writer) -> Iterator[list[Extract]]:
    """Extracts that can be written together: newer ones in a row, a late one by itself."""
    batch: list[Extract] = []
    size = 0
    for extract in extracts:
        alone = writer.must_stand_alone(extract.time)
        files = sum(len(other.files) for other in batch)
        if batch and (alone or size + extract.size > _BATCH_BYTES or files + len(extract.files) > _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(extract)
        size += extract.size
        if alone:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _utc(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
