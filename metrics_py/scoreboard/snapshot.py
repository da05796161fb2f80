"""One published snapshot, read as polars frames; what the pages know, they know from here."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.errors import MissingColumnError, WarehouseError
from metrics_py.publish.generation import current_generation


class Snapshot:
    """The current generation of a `published` folder; a publish that happens meanwhile does not mix into it."""

    def __init__(self, published: Path) -> None:
        self._folder = current_generation(published)
        self.manifest: dict[str, Any] = json.loads((self._folder / "manifest.json").read_text(encoding="utf-8"))

    @property
    def generation(self) -> str:
        """Name of the generation, which changes with every publish that changes anything."""
        return self._folder.name

    def has(self, table: str) -> bool:
        """Whether a table is published."""
        return table in self.manifest["tables"]

    def read(self, table: str, columns: Sequence[str], *, where: pl.Expr | None = None) -> pl.DataFrame:
        """Some columns and rows of a published table, in the order of its key.

        Raises: WarehouseError when the table is not published; MissingColumnError when it lacks a column.
        """
        frame = self._scan(table)
        known = frame.collect_schema().names()
        missing = [column for column in columns if column not in known]
        if missing:
            raise MissingColumnError(
                f"published table {table} lacks {', '.join(missing)}; it has {', '.join(known)}. "
                "Build and publish with the same version that draws the page"
            )
        return (frame if where is None else frame.filter(where)).select(columns).collect()

    def read_all(self, table: str) -> pl.DataFrame:
        """All of a published table, in the order of its key.

        Raises: WarehouseError when the table is not published.
        """
        return self._scan(table).collect()

    def _scan(self, table: str) -> pl.LazyFrame:
        entry = self.manifest["tables"].get(table)
        if entry is None:
            raise WarehouseError(
                f"the snapshot has no table {table}; it has {', '.join(sorted(self.manifest['tables']))}. "
                "Publish again from a complete build"
            )
        return pl.scan_parquet(self._folder / entry["file"])
