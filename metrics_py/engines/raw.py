"""What of the raw layer an engine has to load: nothing, what was added, or a table anew.

Raw tables mostly grow, but an older extract landed late can date rows back, and a row that lost against another goes.
So what a table holds up to the newest row loaded is compared with what was loaded, and only where it is the same are
later rows added to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.publish.quoting import name as quoted
from metrics_py.warehouse import connect

if TYPE_CHECKING:
    import duckdb

_PRESENCE = "__presence"
_LOGS = ("raw_extracts", "raw_quarantine")
# Order-free and sensitive to every row; two equal rows, which would cancel out, a raw table never holds.
_CHECKSUM = "coalesce(cast(bit_xor(hash(_row_hash, _extracted_at, _source_file, _source_row)) as varchar), '')"


@dataclass(frozen=True)
class Mark:
    """What an engine holds of a table: enough to tell whether it is up to date, and whether it can be added to."""

    landed: str
    """Hash of the log of its extracts: equal means that nothing has landed since."""
    columns: str
    """Its columns and their types."""
    rows: int
    newest: datetime | None
    checksum: str


@dataclass(frozen=True)
class RawTable:
    """A table or view of the landing store, as an engine is to hold it."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
    """Names and DuckDB types."""

    @property
    def relation(self) -> str:
        """Its quoted name in the landing store."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True)
class Change:
    """A table that is not up to date in an engine."""

    table: RawTable
    is_addition: bool
    """True when the rows are added to those loaded before; False when they replace them."""
    has_same_columns: bool
    """True when the engine has the table with these columns already."""
    query: str
    """Gives the rows, in the landing store."""
    mark: Mark


@contextmanager
def landed(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The landing store, open to read.

    Raises:
        WarehouseError: it is missing, or held by another process.
    """
    with connect(store, read_only=True) as connection:
        yield connection


def raw_tables(store: duckdb.DuckDBPyConnection) -> list[RawTable]:
    """The tables an engine is to hold: every raw table, its presence, and the logs that models read."""
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, name, column, data_type in store.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "where table_catalog = current_database() and regexp_matches(table_schema, '^raw(_|$)') "
        "order by table_schema, table_name, ordinal_position"
    ).fetchall():
        if name in _LOGS if schema == "raw" else not name.endswith("__runs"):
            columns.setdefault((schema, name), []).append((column, data_type.lower()))
    return [RawTable(schema, name, tuple(found)) for (schema, name), found in columns.items()]


def changes(
    store: duckdb.DuckDBPyConnection, tables: list[RawTable], loaded: Mapping[tuple[str, str], Mark]
) -> Iterator[Change]:
    """The tables that are not what an engine last loaded, with the query for the rows it lacks.

    Args:
        store: the landing store.
        tables: the tables an engine is to hold.
        loaded: what it holds, by schema and name.
    """
    for table in tables:
        before = loaded.get((table.schema, table.name))
        token, columns = _token(store, table), str(table.columns)
        if before is None or (before.landed, before.columns) != (token, columns):
            mark, held = _marks(store, table, token, columns, before)
            same_columns = before is not None and before.columns == columns
            is_addition = same_columns and before is not None and before.newest is not None and held == before
            query = f"select * from {table.relation}"
            if is_addition and before is not None:
                query += f" where _extracted_at > '{before.newest}'::timestamp"
            yield Change(table, is_addition, same_columns, query, mark)


def _marks(
    store: duckdb.DuckDBPyConnection, table: RawTable, token: str, columns: str, before: Mark | None
) -> tuple[Mark, Mark | None]:
    """The mark of a table as it is, and what the mark before would be if it held the same rows up to its newest."""
    if not any(column == "_source_row" for column, _ in table.columns):
        return Mark(token, columns, 0, None, ""), None
    query = f"select count(*), max(_extracted_at), {_CHECKSUM} from {table.relation}"
    mark = Mark(token, columns, *store.execute(query).fetchall()[0])
    if before is None or before.newest is None:
        return mark, None
    held = store.execute(f"{query} where _extracted_at <= ?", [before.newest]).fetchall()[0]
    return mark, Mark(before.landed, before.columns, *held)


def _token(store: duckdb.DuckDBPyConnection, table: RawTable) -> str:
    where = ""
    if table.schema != "raw":
        source, name = table.schema.removeprefix("raw_"), table.name.removesuffix(_PRESENCE)
        where = f"where source = '{source}' and table_name = '{name}'"
    log = "select md5(coalesce(string_agg(cast(extracts as varchar), chr(10) order by extracts), ''))"
    (token,) = store.execute(f"{log} from raw.raw_extracts as extracts {where}").fetchall()[0]
    return str(token)
