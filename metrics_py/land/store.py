"""The raw layer's tables: made when missing, never altered.

Beside each raw table stand its `__runs`: per key and content, the stretches of consecutive extracts in which it was
seen (`last_seen` null: up to the newest). Runs only record sightings; what they mean is the presence view's business.
"""

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.land.contract import Contract, Table
from metrics_py.land.presence import presence_view

RAW_ENDING = (
    ("_extracted_at", "timestamp"),
    ("_source_file", "varchar"),
    ("_source_row", "bigint"),
    ("_row_hash", "varchar"),
)
"""Columns that end every raw table: when and from where a content first came, and its hash."""

_LOGS = """
create schema if not exists raw;
create table if not exists raw.raw_extracts (
    source varchar, table_name varchar, file varchar, content_hash varchar, extracted_at timestamp, is_full boolean,
    row_count bigint, landed_count bigint, unchanged_count bigint, quarantined_count bigint, ignored_columns varchar
);
create table if not exists raw.raw_quarantine (
    source varchar, table_name varchar, file varchar, line bigint, column_name varchar, value varchar, reason varchar,
    extracted_at timestamp, record varchar
);
create table if not exists raw.unread_keys (
    source varchar, table_name varchar, _row_key varchar, extracted_at timestamp
);
create table if not exists raw.extract_gaps (
    source varchar, table_name varchar, extracted_at timestamp, file varchar, reason varchar
);
"""
# unread_keys: keys of full extracts whose record was quarantined, so that its absence proves nothing.
# extract_gaps: why a full extract cannot prove that a row is gone: a part refused, or a record without readable key.


def prepare(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Make the raw tables, their runs and presence views where they are missing.

    Raises: WarehouseError when a raw table has other columns than the contract.
    """
    present: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, name, column, data_type in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name like 'raw_%' and not internal order by schema_name, table_name, column_index"
    ).fetchall():
        present.setdefault((schema, name), []).append((column, data_type.lower()))
    connection.execute("begin")
    connection.execute(_LOGS)
    for source in contract.sources:
        connection.execute(f'create schema if not exists "raw_{source}"')
    for table in contract.tables.values():
        found = present.get((f"raw_{table.source}", table.name))
        if found is None:
            _make(connection, table)
        elif found != _columns(table):
            raise WarehouseError(
                f"{table.raw} was landed under another contract: it has the columns "
                f"{', '.join(name for name, _ in found)}; the contract says "
                f"{', '.join(name for name, _ in _columns(table))} (or other types). "
                "Land the extracts again into a new warehouse file"
            )
    connection.execute("commit")


def _columns(table: Table) -> list[tuple[str, str]]:
    return [*((column.name, column.physical_type) for column in table.columns), *RAW_ENDING]


def _make(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f'"{name}" {data_type}' for name, data_type in _columns(table))
    connection.execute(f"create table {table.raw} ({columns})")
    connection.execute(
        f"create table {table.runs} (_row_key varchar, _row_hash varchar, first_seen timestamp, last_seen timestamp)"
    )
    connection.execute(presence_view(table, has_silence=False))
