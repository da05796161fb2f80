"""PostgreSQL: the raw layer comes in by COPY, tables go in and out as Arrow, and readers see whole transactions.

Which server it is, libpq's own variables say: PGHOST (a host, or the folder of a socket), PGPORT, PGUSER, PGDATABASE,
PGPASSWORD or a password file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc

from metrics_py.engines import raw
from metrics_py.engines.frames import storable
from metrics_py.engines.raw import Change, Mark
from metrics_py.errors import ConfigurationError, WarehouseError
from metrics_py.publish.quoting import name as quoted
from metrics_py.trouble import first_line, way_out

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from metrics_py.console import Step

_ROWS_AT_ONCE = 1 << 16
# The first that can ask whether text is a JSON list.
_OLDEST = 16
_PLACE = Path("the PostgreSQL database")
# The contracts say `double`, as the other engines do; a domain gives PostgreSQL's own type that name.
_DOUBLE = """
do $$ begin
    if to_regtype('double') is null then create domain public.double as double precision; end if;
end $$
"""
_MARKS = """
create table if not exists raw.loaded_tables (
    table_schema varchar not null, table_name varchar not null, landed varchar not null, columns varchar not null,
    row_count bigint not null, newest_extracted_at timestamp, checksum varchar not null,
    primary key (table_schema, table_name)
)
"""
_TYPES = {"varchar": "varchar", "hugeint": "numeric(38, 0)"}


class Postgres:
    """The database that libpq's environment variables name."""

    target = "postgres"

    def __init__(self) -> None:
        with _told("reached"):
            self._connection = adbc.connect("postgresql://")
        _check(self)

    @property
    def settings(self) -> Mapping[str, str]:
        """What libpq passes on to the sessions of dbt.

        Models join views whose sizes the planner cannot guess; a nested loop over two of them takes hours where a hash
        join takes seconds.
        """
        return {"PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} -c enable_nestloop=off -c jit=off".strip()}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def load_raw(self, store: Path, progress: Step) -> None:
        """Bring the raw layer up to date, in one transaction; see `Engine.load_raw`.

        From here until `close` no other program builds in the database.

        Raises:
            WarehouseError: another one does.
        """
        with raw.landed(store) as landing, self._transaction() as cursor:
            cursor.execute("select pg_try_advisory_lock(hashtext('metrics-py build'))")
            if not cursor.fetchone()[0]:
                raise WarehouseError("another command is building in this PostgreSQL database; run this one after it")
            tables = raw.raw_tables(landing)
            for schema in sorted({"raw", *(table.schema for table in tables)}):
                _make_schema(cursor, schema)
            cursor.execute(_DOUBLE)
            cursor.execute(_MARKS)
            cursor.execute(
                "select table_schema, table_name, landed, columns, row_count, newest_extracted_at, checksum "
                "from raw.loaded_tables"
            )
            loaded = {(schema, name): Mark(*mark) for schema, name, *mark in cursor.fetchall()}
            for done, table in enumerate(tables, start=1):
                for change in raw.changes(landing, [table], loaded):
                    rows = landing.sql(change.query).to_arrow_reader(_ROWS_AT_ONCE)
                    _load(cursor, change, rows)
                progress(done, len(tables), f"{table.schema}.{table.name}")

    def read(self, name: str, *, where: str | None = None) -> pl.DataFrame:
        """The table or view `schema.name` as a frame; see `Tables.read`."""
        import polars as pl

        return pl.concat(self.parts(name, where=where))

    def parts(self, name: str, *, where: str | None = None) -> Iterator[pl.DataFrame]:
        """The table or view `schema.name` in frames; see `Engine.parts`."""
        import pyarrow as pa

        schema, table = name.split(".")
        query = f"select * from {quoted(schema)}.{quoted(table)}" + (f" where {where}" if where else "")
        try:
            with self._transaction() as cursor:
                cursor.execute(query)
                rows = cursor.fetch_record_batch()
                yield _frame(rows.schema.empty_table())
                for batch in rows:
                    yield _frame(pa.Table.from_batches([batch]))
        except adbc_driver_manager.ProgrammingError as error:
            if getattr(error, "sqlstate", None) not in ("42P01", "3F000"):
                raise
            raise WarehouseError(f"PostgreSQL has no table {name}; run `metrics-py build --target postgres`") from None

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Replace the table `schema.name` with the rows of a frame; see `Tables.write`."""
        schema, table = name.split(".")
        rows = storable(frame)
        with self._transaction() as cursor:
            _make_schema(cursor, schema)
            cursor.execute(f"drop table if exists {quoted(schema)}.{quoted(table)} cascade")
            cursor.execute(f"create table {quoted(schema)}.{quoted(table)} ({_declared(rows)})")
            cursor.adbc_ingest(table, rows.to_arrow(), mode="append", db_schema_name=schema)

    def keep(self, name: str, query: str) -> None:
        """Replace the table `schema.name` with the rows of a query; see `Engine.keep`."""
        schema, table = name.split(".")
        with self._transaction() as cursor:
            _make_schema(cursor, schema)
            cursor.execute(f"drop table if exists {quoted(schema)}.{quoted(table)}")
            cursor.execute(f"create table {quoted(schema)}.{quoted(table)} as {query}")

    def drop_schema(self, schema: str) -> None:
        """Remove a schema with all that is in it."""
        with self._transaction() as cursor:
            cursor.execute(f"drop schema if exists {quoted(schema)} cascade")

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with _told("written"), self._connection.cursor() as cursor:
            try:
                yield cursor
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except adbc_driver_manager.ProgrammingError:
        raise
    except adbc_driver_manager.Error as error:
        raise WarehouseError(
            way_out(str(error), _PLACE)
            or f"PostgreSQL could not be {what}: {first_line(str(error))}; "
            "PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD say which server it is"
        ) from error


def _check(engine: Postgres) -> None:
    with engine._transaction() as cursor:
        cursor.execute(
            "select current_setting('server_version_num')::integer / 10000, 'a' > 'B' and lower('\u00c9') = '\u00e9'"
        )
        version, is_neutral = cursor.fetchone()
    if version < _OLDEST:
        raise ConfigurationError(f"PostgreSQL {_OLDEST} or newer is needed; this server is {version}")
    if not is_neutral:
        raise ConfigurationError(
            "this PostgreSQL database orders or lower-cases text by a language's rules, which moves ties; "
            "make it with: create database product_metrics template template0 encoding 'UTF8' "
            "locale_provider builtin builtin_locale 'C.UTF-8' (before PostgreSQL 17: lc_collate 'C' lc_ctype 'C.UTF-8')"
        )


def _make_schema(cursor: Any, schema: str) -> None:
    cursor.execute(f"create schema if not exists {quoted(schema)}")


def _load(cursor: Any, change: Change, rows: pa.RecordBatchReader) -> None:
    table, mark = change.table, change.mark
    if change.has_same_columns and not change.is_addition:
        # Emptied and not dropped, because views hang on it.
        cursor.execute(f"truncate {table.relation}")
    elif not change.is_addition:
        columns = ", ".join(f"{quoted(column)} {_TYPES.get(kind, kind)}" for column, kind in table.columns)
        cursor.execute(f"drop table if exists {table.relation} cascade")
        cursor.execute(f"create table {table.relation} ({columns})")
    cursor.adbc_ingest(table.name, rows, mode="append", db_schema_name=table.schema)
    cursor.execute(f"analyze {table.relation}")
    cursor.execute(
        "insert into raw.loaded_tables values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (table_schema, table_name) do update set landed = excluded.landed, columns = excluded.columns, "
        "row_count = excluded.row_count, newest_extracted_at = excluded.newest_extracted_at, "
        "checksum = excluded.checksum",
        (table.schema, table.name, mark.landed, mark.columns, mark.rows, mark.newest, mark.checksum),
    )


def _frame(rows: pa.Table) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame([_column(rows.schema.field(i), rows.column(i)) for i in range(rows.num_columns)])


def _column(field: pa.Field, values: pa.ChunkedArray) -> pl.Series:
    """A column as polars has it from DuckDB: a numeric of known scale is a decimal of that precision and scale."""
    import polars as pl
    import pyarrow as pa

    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    if metadata.get("POSTGRESQL:type") != "numeric":
        return pl.Series(field.name, values)
    typmod = int(metadata["POSTGRESQL:typmod"]) - 4
    texts = pl.Series(field.name, pa.chunked_array([chunk.storage for chunk in values.chunks], pa.string()))
    if typmod < 0:
        raise WarehouseError(
            f"column {field.name} is numeric without precision and scale, which engines type each in its own way; "
            "cast it in its model"
        )
    return texts.cast(pl.Decimal(typmod >> 16, typmod & 0x7FF))


def _declared(frame: pl.DataFrame) -> str:
    import polars as pl

    names: dict[Any, str] = {
        pl.Boolean: "boolean",
        pl.Int16: "smallint",
        pl.Int32: "integer",
        pl.Int64: "bigint",
        pl.Float64: "double precision",
        pl.String: "varchar",
        pl.Date: "date",
        pl.Datetime: "timestamp",
    }
    declared = []
    for column, data_type in frame.schema.items():
        if isinstance(data_type, pl.Decimal):
            kind = f"numeric({data_type.precision}, {data_type.scale})"
        elif type(data_type) in names:
            kind = names[type(data_type)]
        else:
            raise WarehouseError(
                f"column {column} is {data_type}, which PostgreSQL has no like of; "
                f"a table may hold {', '.join(sorted(set(names.values())))} and numeric"
            )
        declared.append(f"{quoted(column)} {kind}")
    return ", ".join(declared)
