"""One published snapshot, read as polars frames: what pages, documents and assistants know, they know from here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.errors import MissingColumnError, WarehouseError
from metrics_py.publish.generation import DATABASE, MANIFEST, current_generation


class Snapshot:
    """The current generation of a `published` folder; a publish that happens meanwhile does not mix into it.

    Raises: WarehouseError when nothing is published there.
    """

    def __init__(self, published: Path) -> None:
        self._folder = current_generation(published)
        self.manifest: dict[str, Any] = json.loads((self._folder / MANIFEST).read_text(encoding="utf-8"))

    @property
    def generation(self) -> str:
        """Name of the generation, which changes with every publish that changes anything."""
        return self._folder.name

    @property
    def database(self) -> Path:
        """The DuckDB file that holds the same tables."""
        return self._folder / DATABASE

    @property
    def as_of(self) -> str:
        """The instant the snapshot looks from, ISO text in UTC."""
        return str(self.manifest["as_of"])

    def has(self, table: str) -> bool:
        """Whether a table is published."""
        return table in self.manifest["tables"]

    def read(self, table: str, columns: Sequence[str], *, where: pl.Expr | None = None) -> pl.DataFrame:
        """Some columns and rows of a published table, in the order of its key.

        Raises: WarehouseError when the table is not published; MissingColumnError when it lacks a column.
        """
        frame = self._scan(table, where)
        require(table, columns, frame.collect_schema().names())
        return frame.select(columns).collect()

    def read_all(self, table: str, *, where: pl.Expr | None = None) -> pl.DataFrame:
        """Every column of a published table, of all rows or some, in the order of its key.

        Raises: WarehouseError when the table is not published.
        """
        return self._scan(table, where).collect()

    def _scan(self, table: str, where: pl.Expr | None) -> pl.LazyFrame:
        entry = self.manifest["tables"].get(table)
        if entry is None:
            raise WarehouseError(
                f"the snapshot has no table {table}; it has {', '.join(sorted(self.manifest['tables']))}. "
                "Run `metrics-py build`, or `metrics-py publish` after a complete build"
            )
        frame = pl.scan_parquet(self._folder / entry["file"])
        return frame if where is None else frame.filter(where)


def require(table: str, columns: Sequence[str], known: Sequence[str]) -> None:
    """Refuse to go on with a published table that lacks a column.

    Raises: MissingColumnError naming what is missing and what is there.
    """
    missing = [column for column in columns if column not in known]
    if missing:
        raise MissingColumnError(
            f"published table {table} lacks {', '.join(missing)}; it has {', '.join(known)}. "
            "Build and publish with the version that reads it"
        )
