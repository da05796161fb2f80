"""One published snapshot as rows that know where they come from, so that every figure can name its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from metrics_py.publish.reader import Snapshot, require

Key: TypeAlias = tuple[tuple[str, Any], ...]
ROWS = "*"
"""The column that stands for the number of rows."""
_MOST_INDEXED = 200_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A published value: table, the columns that name the row, and the column; `*` counts the rows so named."""

    table: str
    key: Key
    column: str

    def __str__(self) -> str:
        named = ", ".join(f"{name}={plain_value(value)}" for name, value in self.key)
        return f"{self.table}[{named}].{self.column}"


class Row(Mapping[str, Any]):
    """A row of a published table: its values for decisions (`row.status`), its cells for what is printed."""

    def __init__(self, table: str, key: Key, values: Mapping[str, Any]) -> None:
        self.table, self.key = table, key
        self._values = values

    def __getitem__(self, column: str) -> Any:
        require(self.table, [column], list(self._values))
        return self._values[column]

    def __getattr__(self, column: str) -> Any:
        if column.startswith("_"):
            raise AttributeError(column)
        return self[column]

    def __contains__(self, column: object) -> bool:
        return column in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def get(self, column: str, default: Any = None) -> Any:
        """The value of a column, or a default where the table has no such column."""
        return self._values.get(column, default)

    def cell(self, column: str) -> Cell:
        """Where the value of a column is published."""
        _ = self[column]
        return Cell(self.table, self.key, column)


class Published(Snapshot):
    """The current generation of a `published` folder, read whole tables at a time; one generation throughout.

    Raises: WarehouseError when nothing is published there.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._frames: dict[str, pl.DataFrame] = {}
        self._indexes: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[dict[str, Any]]]] = {}

    def frame(self, table: str) -> pl.DataFrame:
        """A published table.

        Raises: WarehouseError when it is not published.
        """
        if table not in self._frames:
            self._frames[table] = self.read_all(table)
        return self._frames[table]

    def rows(self, table: str, *, by: Sequence[str], where: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows of a table, each named by the columns `by`, in the table's order.

        Args:
            table: the published table.
            by: columns that name a row among all rows of the table.
            where: values that columns must have.
        Raises: WarehouseError when the table is not published; MissingColumnError when it lacks a column.
        """
        named = [*by, *(where or {})]
        if where and table not in self._frames:
            # Of a large table only these rows are read.
            require(table, named, self.read_all(table, where=pl.lit(False)).columns)
            frame = self.read_all(table, where=_all_equal(where))
        else:
            whole = self.frame(table)
            require(table, named, whole.columns)
            frame = whole.filter(_all_equal(where)) if where else whole
        return [
            Row(table, tuple((name, values[name]) for name in by), values) for values in frame.iter_rows(named=True)
        ]

    def value(self, cell: Cell) -> Any:
        """What a cell holds now.

        Raises: LookupError when no row, or more than one, is so named, or the table lacks the column.
        """
        if not self.has(cell.table):
            raise LookupError(f"{cell.table} is no longer published")
        found = self._named(cell)
        if cell.column == ROWS:
            return len(found)
        if len(found) != 1:
            raise LookupError(f"{cell} names {len(found)} rows")
        if cell.column not in found[0]:
            raise LookupError(f"{cell.table} no longer has a column {cell.column}")
        return found[0][cell.column]

    def _named(self, cell: Cell) -> list[dict[str, Any]]:
        columns = tuple(name for name, _ in cell.key)
        if cell.table not in self._frames and self.manifest["tables"][cell.table].get("rows", 0) > _MOST_INDEXED:
            return self._looked_up(cell)
        frame = self.frame(cell.table)
        if any(name not in frame.columns for name in columns):
            return []
        if (cell.table, columns) not in self._indexes:
            index: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
            for values in frame.iter_rows(named=True):
                index.setdefault(tuple(plain_value(values[name]) for name in columns), []).append(values)
            self._indexes[cell.table, columns] = index
        index = self._indexes[cell.table, columns]
        return index.get(tuple(plain_value(value) for _, value in cell.key), [])

    def _looked_up(self, cell: Cell) -> list[dict[str, Any]]:
        """The rows of a cell's key in a table too large for an index of Python rows."""
        schema = self.read_all(cell.table, where=pl.lit(False)).schema
        if any(name not in schema for name, _ in cell.key):
            return []
        key = {name: _typed(value, schema[name]) for name, value in cell.key}
        return self.read_all(cell.table, where=_all_equal(key)).to_dicts()


def _all_equal(values: Mapping[str, Any]) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in values.items())


def _typed(value: Any, kind: pl.DataType) -> Any:
    # A document that was read back has its dates as text.
    if isinstance(value, str) and kind == pl.Date:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if isinstance(value, str) and isinstance(kind, pl.Datetime) else value


def plain_value(value: Any) -> Any:
    """A value as JSON holds it: dates and instants as ISO text.

    Examples:
        >>> plain_value(date(2026, 1, 31)), plain_value(1.5)
        ('2026-01-31', 1.5)
    """
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain_value(item) for item in value]
    return value
