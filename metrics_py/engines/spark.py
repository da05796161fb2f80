"""Spark with Iceberg tables: rows go in and out as Parquet files in a folder that both sides see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.engines import raw
from metrics_py.engines.frames import storable
from metrics_py.engines.raw import Change, Mark
from metrics_py.engines.spark_session import start_session
from metrics_py.errors import WarehouseError
from metrics_py.trouble import first_line

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from metrics_py.console import Step

_MARKS = "raw.loaded_tables"
_TYPES = {"varchar": "string", "hugeint": "decimal(38, 0)", "integer": "int"}
# Small tables take Spark's time and not the machine's.
_LOADS_AT_ONCE = 4
_ROWS_AT_ONCE = 1 << 18


class Spark:
    """A Spark session with its Iceberg catalog below `.engines/spark` of the project."""

    target = "spark"
    settings: Mapping[str, str] = {}

    def __init__(self, project: Path) -> None:
        self._folder = project.resolve() / ".engines" / "spark"
        self._exchange = self._folder / "exchange"
        self._parcels = count()
        # What a killed run left there.
        shutil.rmtree(self._exchange, ignore_errors=True)
        self._session = start_session(self._folder)

    def close(self) -> None:
        """Stop the session."""
        self._session.stop()
        shutil.rmtree(self._exchange, ignore_errors=True)

    def load_raw(self, store: Path, progress: Step) -> None:
        """Bring the raw layer up to date; see `Engine.load_raw`.

        The log of extracts comes last: until it does, as_of is what it was and hides every row that is new.
        """
        with raw.landed(store) as landing:
            tables = raw.raw_tables(landing)
            for schema in sorted({"raw", *(table.schema for table in tables)}):
                self._make_schema(schema)
            loaded = self._marks()
            changes = list(raw.changes(landing, tables, loaded))
            log = [change for change in changes if change.table.name == "raw_extracts"]
            others = [change for change in changes if change not in log]
            done = len(tables) - len(changes)
            with ThreadPoolExecutor(_LOADS_AT_ONCE) as pool:
                for finished in pool.map(lambda change: self._load(landing.cursor(), change, loaded), others):
                    done += 1
                    progress(done, len(tables), finished)
            for change in log:
                progress(len(tables), len(tables), self._load(landing, change, loaded))
            if changes:
                loaded |= {(change.table.schema, change.table.name): change.mark for change in changes}
                self._write_marks(loaded)

    def read(self, name: str, *, where: str | None = None) -> pl.DataFrame:
        """The table or view `schema.name` as a frame; see `Tables.read`."""
        import polars as pl

        return pl.concat(self.parts(name, where=where))

    def parts(self, name: str, *, where: str | None = None) -> Iterator[pl.DataFrame]:
        """The table or view `schema.name` in frames; see `Engine.parts`."""
        import polars as pl
        import polars.selectors as cs
        import pyarrow.parquet as pq

        with self._told(f"{name} could not be read"), self._parcel() as parcel:
            rows = self._session.table(name)
            (rows.where(where) if where else rows).write.parquet(str(parcel))
            for file in sorted(parcel.glob("*.parquet")):
                content = pq.ParquetFile(file)
                for batch in chain([content.schema_arrow.empty_table()], content.iter_batches(_ROWS_AT_ONCE)):
                    frame = pl.DataFrame(batch)
                    yield frame.with_columns(cs.datetime(time_zone="*").dt.replace_time_zone(None))

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Replace the table `schema.name` with the rows of a frame; see `Tables.write`."""
        self._make_schema(name.split(".")[0])
        with self._told(f"{name} could not be written"), self._parcel() as parcel:
            parcel.mkdir(parents=True)
            storable(frame).write_parquet(parcel / "rows.parquet")
            self._session.read.parquet(str(parcel)).writeTo(name).using("iceberg").createOrReplace()

    def keep(self, name: str, query: str) -> None:
        """Replace the table `schema.name` with the rows of a query; see `Engine.keep`."""
        self._make_schema(name.split(".")[0])
        with self._told(f"{name} could not be written"):
            self._session.sql(query).writeTo(name).using("iceberg").createOrReplace()

    def drop_schema(self, schema: str) -> None:
        """Remove a schema with all that is in it."""
        if not self._session.catalog.databaseExists(schema):
            return
        for kind, column in (("view", "viewName"), ("table", "tableName")):
            for row in self._session.sql(f"show {kind}s in `{schema}`").collect():
                self._session.sql(f"drop {kind} `{schema}`.`{row[column]}`")
        self._session.sql(f"drop schema `{schema}`")

    def _load(self, landing: duckdb.DuckDBPyConnection, change: Change, loaded: Mapping[tuple[str, str], Mark]) -> str:
        from pyspark.sql.functions import expr

        table = change.table
        name = f"{table.schema}.{table.name}"
        columns = ", ".join(f"`{column}` {_TYPES.get(kind, kind)}" for column, kind in table.columns)
        with self._told(f"{name} could not be loaded"), self._parcel() as parcel:
            parcel.mkdir(parents=True)
            landing.execute(f"copy ({change.query}) to '{parcel / 'rows.parquet'}' (format parquet)")
            rows = self._session.read.schema(columns).parquet(str(parcel))
            if change.is_addition:
                # Rows that an interrupted load added are replaced, so that no row comes twice.
                newest = loaded[table.schema, table.name].newest
                rows.writeTo(name).overwrite(expr(f"_extracted_at > timestamp'{newest}'"))
            else:
                rows.writeTo(name).using("iceberg").createOrReplace()
        return name

    def _make_schema(self, schema: str) -> None:
        self._session.sql(f"create schema if not exists `{schema}`")

    def _marks(self) -> dict[tuple[str, str], Mark]:
        if not self._session.catalog.tableExists(_MARKS):
            return {}
        return {
            (row["table_schema"], row["table_name"]): Mark(
                row["landed"], row["columns"], row["row_count"], row["newest_extracted_at"], row["checksum"]
            )
            for row in self.read(_MARKS).iter_rows(named=True)
        }

    def _write_marks(self, marks: Mapping[tuple[str, str], Mark]) -> None:
        import polars as pl

        rows = [
            {
                "table_schema": schema,
                "table_name": name,
                "landed": mark.landed,
                "columns": mark.columns,
                "row_count": mark.rows,
                "newest_extracted_at": mark.newest,
                "checksum": mark.checksum,
            }
            for (schema, name), mark in marks.items()
        ]
        dates = {"newest_extracted_at": pl.Datetime("us")}
        self.write(_MARKS, pl.DataFrame(rows, schema_overrides=dates))

    @contextmanager
    def _parcel(self) -> Iterator[Path]:
        """A folder of the exchange for one table on its way, removed afterwards."""
        parcel = self._exchange / str(next(self._parcels))
        try:
            yield parcel
        finally:
            shutil.rmtree(parcel, ignore_errors=True)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        try:
            yield
        except PySparkException as error:
            if error.getErrorClass() == "TABLE_OR_VIEW_NOT_FOUND":
                raise WarehouseError(f"Spark: {what}: no such table; run `metrics-py build --target spark`") from None
            raise WarehouseError(f"Spark: {what}: {first_line(str(error))}") from error
        except Py4JError as error:
            raise WarehouseError(f"Spark: {what}: {first_line(str(error))}") from error
