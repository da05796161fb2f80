"""A company's extracts that rows can be taken out of, added to and edited in."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Which = Callable[[Record], bool]

NOTE_TABLES = ("productboard/notes", "productboard/note_tags", "productboard/note_relationships")
NEWEST_NOTES = datetime(2026, 1, 24, 6)
# Tables whose newest file holds everything; of Productboard's some files in between date the changes.
SNAPSHOTS = ("confluence/pages", "confluence/page_labels", "crm/account")


def time_of(file: Path) -> datetime:
    """The extract time in a file's name."""
    return datetime.strptime(file.name.partition(".")[0], "%Y-%m-%dT%H%M%SZ")


class Extracts:
    """A folder of extracts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def cut_down(cls, sample: Path, folder: Path) -> Extracts:
        """A sample company's extracts with few files, in which no note was extracted after `NEWEST_NOTES`."""
        for table in sorted(path for path in (sample / "extracts").glob("*/*") if path.is_dir()):
            name = f"{table.parent.name}/{table.name}"
            files = sorted(table.iterdir(), key=time_of)
            if name in SNAPSHOTS or table.parent.name == "product_ops":
                files = files[-1:]
            elif name.startswith("productboard/") and table.name not in ("portal_card_status", "webhook_events"):
                files = [file for file in files if time_of(file) <= NEWEST_NOTES]
                files = [*files[:-1:4], files[-1]]
            for file in files:
                target = folder / name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
        return cls(folder)

    def newest(self, table: str) -> list[Record]:
        """The records of a table's newest file."""
        return read(self._files(table)[-1])

    def all(self, table: str) -> list[Record]:
        """The records of all files of a table, in their order."""
        return [record for file in self._files(table) for record in read(file)]

    def remove(self, table: str, which: Which) -> list[Record]:
        """Take records out of every file, as if they had never been extracted; returns those of the newest file."""
        removed: list[Record] = []
        for file in self._files(table):
            records = read(file)
            gone = [record for record in records if which(record)]
            if gone:
                write(file, [record for record in records if not which(record)], fields=list(records[0]))
                removed = gone
        return removed

    def add(self, table: str, record: Record) -> None:
        """Put a record at the end of a table's newest file."""
        file = self._files(table)[-1]
        records = read(file)
        write(file, [*records, record], fields=list(records[0]))

    def _files(self, table: str) -> list[Path]:
        return sorted((self.folder / table).iterdir(), key=time_of)


class Next:
    """The next extract of some tables: what the newest one holds in the end, edited; of a log, only what is new."""

    def __init__(self, base: Extracts) -> None:
        self._base = base
        self._edits: dict[str, list[Callable[[list[Record]], list[Record]]]] = {}
        self._logs: dict[str, list[Record]] = {}

    def records(self, table: str) -> list[Record]:
        """The records that the next extract of a full table will hold."""
        records = self._base.newest(table)
        for edit in self._edits.get(table, ()):
            records = edit(records)
        return records

    def log(self, table: str, record: Record) -> None:
        """Put a record into the next extract of an incremental table."""
        self._logs.setdefault(table, []).append(record)

    def add(self, table: str, *records: Record) -> None:
        """Put records into the next extract of a full table."""
        self._edit(table, lambda standing: [*standing, *records])

    def remove(self, table: str, which: Which) -> None:
        """Leave records out of the next extract of a full table."""
        assert any(which(record) for record in self.records(table)), f"no such record in {table}"
        self._edit(table, lambda standing: [record for record in standing if not which(record)])

    def change(self, table: str, which: Which, **fields: Any) -> None:
        """Give other values to some records of the next extract of a full table."""
        assert any(which(record) for record in self.records(table)), f"no such record in {table}"
        self._edit(table, lambda standing: [record | fields if which(record) else record for record in standing])

    def write(self, folder: Path, at: datetime) -> Path:
        """Write the files of this extract, as taken at an instant."""
        for table, records in ({name: self.records(name) for name in self._edits} | self._logs).items():
            fields = list(dict.fromkeys(name for record in records for name in record))
            suffix = "jsonl" if table.startswith(("productboard", "confluence")) else "csv"
            suffix = "csv" if table == "productboard/note_tags" else suffix
            write(folder / table / f"{at:%Y-%m-%dT%H%M%SZ}.{suffix}", records, fields=fields)
        return folder

    def _edit(self, table: str, edit: Callable[[list[Record]], list[Record]]) -> None:
        self._edits.setdefault(table, []).append(edit)


def read(file: Path) -> list[Record]:
    """The records of a CSV or JSON Lines file, packed or not."""
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
    if ".csv" in file.name:
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


def write(file: Path, records: Iterable[Record], *, fields: list[str]) -> None:
    """Write records in the form that the file's name says."""
    out = io.StringIO()
    if ".csv" in file.name:
        writer = csv.DictWriter(out, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)
    else:
        out.writelines(json.dumps(record) + "\n" for record in records)
    content = out.getvalue().encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)
