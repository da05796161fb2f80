"""The one place that opens the warehouse: read a table as a polars frame, write a frame as a table."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import polars as pl

from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.trouble import REBUILD, first_line, way_out

if TYPE_CHECKING:
    import duckdb


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Connection to a DuckDB file, with trouble told in terms of the file.

    Args:
        path: the file; made when missing, unless `read_only`.
        read_only: open for reading, so that other readers can, too.

    Raises:
        WarehouseError: the file is missing, held by another process, or not a readable DuckDB file.
    """
    import duckdb

    if read_only and not path.exists():
        raise WarehouseError(f"no warehouse at {path}; run `metrics-py build` first, or name the file with --warehouse")
    if not path.parent.exists():
        raise WarehouseError(f"cannot make {path}: the folder {path.parent} does not exist")
    try:
        connection = _quiet(duckdb.connect(str(path), read_only=read_only))
        # Landing takes what one record needs, which cannot spill; whoever sets a limit means landing, too.
        if read_only or "METRICS_MEMORY" in os.environ:
            limit_memory(connection)
        return connection
    except duckdb.Error as error:
        text = str(error)
        if "could not set lock" in text.lower():
            raise WarehouseError(
                f"{path} is held by another process ({first_line(text)}); wait until it is done, or stop it"
            ) from error
        raise WarehouseError(
            way_out(text, path) or f"{path} is not a usable DuckDB file ({first_line(text)}); {REBUILD}"
        ) from error


def in_memory() -> duckdb.DuckDBPyConnection:
    """Connection to a database of its own, which lasts as long as it is open; what does not fit in memory spills."""
    import duckdb

    connection = _quiet(duckdb.connect())
    limit_memory(connection)
    # Beside the working directory by default, which may not be there to be written to.
    connection.execute(f"set temp_directory = '{tempfile.gettempdir()}/metrics-py-{os.getpid()}'")
    return connection


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    # DuckDB draws its bar on standard output, also where that is a pipe.
    connection.execute("set enable_progress_bar = false")
    return connection


def limit_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Hold a connection's database to `memory_limit`."""
    connection.execute(f"set memory_limit = '{memory_limit()}'")


def memory_limit() -> str:
    """How much of the memory DuckDB takes before it spills to disk: `METRICS_MEMORY`, or 4 GB.

    Raises: ConfigurationError when the variable holds no size.
    """
    limit = os.environ.get("METRICS_MEMORY") or "4GB"
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", limit):
        raise ConfigurationError(f"METRICS_MEMORY must be a size such as 4GB or 512MB; found {limit!r}")
    return limit


class Warehouse:
    """A warehouse file, read and written as polars frames; use as a context manager."""

    def __init__(self, path: Path, *, read_only: bool = True) -> None:
        self.path = path
        self._connection = connect(path, read_only=read_only)

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def has(self, name: str) -> bool:
        """True when the warehouse holds the table or view `schema.name`."""
        schema, table = name.split(".")
        found = self._connection.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
        ).fetchall()
        return bool(found)

    def read(self, name: str, *, where: str | None = None) -> pl.DataFrame:
        """The table `schema.name` as a frame, in no promised order.

        Raises:
            WarehouseError: the warehouse has no such table.
        """
        if not self.has(name):
            raise WarehouseError(f"{self.path} has no table {name}; run `metrics-py build`")
        frame: pl.DataFrame = self._connection.sql(f"select * from {name}" + (f" where {where}" if where else "")).pl()
        return frame

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Replace the table `schema.name` with the rows of a frame, in one transaction."""
        schema = name.split(".")[0]
        self._connection.execute(f"create schema if not exists {schema}")
        self._connection.register("incoming", frame)
        self._connection.execute(f"create or replace table {name} as select * from incoming")
        self._connection.unregister("incoming")
