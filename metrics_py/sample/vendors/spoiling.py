"""An extract while it is being spoiled: its records, what is wrong with each, and the bytes that come out."""

import csv
import io
import json
from typing import Any

import polars as pl

from metrics_py.sample.calendar import EXTRACTS
from metrics_py.sample.vendors.files import Form, compress

Record = dict[str, Any]


class Extract:
    """Records of one extract that can be changed, and the list of what was done to them.

    `shown` has the vendor's columns, and `_first` and `_last`, the numbers of the extracts that show each row.
    """

    def __init__(self, number: int, shown: pl.DataFrame, form: Form) -> None:
        self.number = number
        self.dirt: list[Record] = []
        self._shown = shown
        self._form = form
        self._columns = [column for column in shown.columns if not column.startswith("_")]
        self.records: list[Record] = shown.select(self._columns).to_dicts()
        self._mark = b""
        self._newline = "\n"
        self._cut = False
        self._copy = ""

    def steady(self) -> list[int]:
        """Places of records that stand unchanged in the extracts around this one, and in one long after."""
        long_after = min(self.number + 4, len(EXTRACTS) - 1)
        lasting = (self._shown["_first"] <= self.number - 3) & (self._shown["_last"] > long_after)
        return lasting.arg_true().to_list()

    def note(
        self, kind: str, record: int | None = None, column: str | None = None, *, in_quarantine: bool = False
    ) -> None:
        """Put a piece of dirt on the list; records are counted from 1."""
        self.dirt.append({"kind": kind, "record": record, "column": column, "in_quarantine": in_quarantine})

    def change(self, place: int, column: str, value: Any, kind: str, *, in_quarantine: bool = False) -> None:
        """Write a value into a record."""
        self.records[place][column] = value
        self.note(kind, place + 1, column, in_quarantine=in_quarantine)

    def append(self, record: Record, kind: str, column: str | None = None, *, in_quarantine: bool = False) -> None:
        """Add a record at the end."""
        self.records.append(record)
        self.note(kind, len(self.records), column, in_quarantine=in_quarantine)

    def begin_with(self, mark: bytes, kind: str) -> None:
        """Put bytes in front of the file."""
        self._mark = mark
        self.note(kind)

    def end_lines_with(self, newline: str, kind: str) -> None:
        """Use another end of line."""
        self._newline = newline
        self.note(kind)

    def truncate(self, kind: str) -> None:
        """Cut the file in the middle of its last record."""
        self._cut = True
        self.note(kind, len(self.records), in_quarantine=True)

    def copy_as(self, suffix: str, kind: str) -> None:
        """Deliver the same content a second time, under another name."""
        self._copy = suffix
        self.note(kind)

    def reorder(self, stranger: str, kind: str) -> None:
        """Give the columns in another order, with one that the contract does not know."""
        self.records = [{stranger: "x", **dict(reversed(record.items()))} for record in self.records]
        self._columns = [stranger, *reversed(self._columns)]
        self.note(kind, column=stranger)

    def drop_column(self, column: str, kind: str) -> None:
        """Leave out a column that is null in every record."""
        self._columns.remove(column)
        self.records = [{name: value for name, value in record.items() if name != column} for record in self.records]
        self.note(kind, column=column)

    def files(self) -> dict[str, bytes]:
        """The bytes of the file, and of its copy, by suffix of the name."""
        text = self._csv() if self._form.startswith("csv") else self._jsonl()
        data = self._mark + text.encode()
        if self._cut:
            data = data.rstrip(b"\n")[:-9]
        packed = compress(data, self._form)
        return dict.fromkeys(("", self._copy), packed)

    def _csv(self) -> str:
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, self._columns, lineterminator=self._newline)
        writer.writeheader()
        for record in self.records:
            writer.writerow({name: str(v).lower() if isinstance(v, bool) else v for name, v in record.items()})
        return buffer.getvalue()

    def _jsonl(self) -> str:
        return "".join(json.dumps(record, ensure_ascii=False) + self._newline for record in self.records)
