"""Copying the public models out of the warehouse: a DuckDB file that every client can open, and Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.publish import quoting
from metrics_py.publish.catalogue import PublicModel, public_models, read_json
from metrics_py.publish.generation import (
    DATABASE,
    MANIFEST,
    PARQUET,
    generation_of,
    install,
    next_generation,
    sha256_of,
)
from metrics_py.publish.manifest import SNAPSHOT, FailedTest, PublishedTable, as_bytes, describe, listed
from metrics_py.publish.ordering import ordered
from metrics_py.trouble import told
from metrics_py.warehouse import connect

if TYPE_CHECKING:
    from metrics_py.history import History, Landed, Snapshot

# Clients from 1.2 on read this storage; a file in the newest format shuts all but the newest out.
STORAGE_VERSION = "v1.2.0"
SIGNIFICANT_DIGITS = 12
COPIES_AT_ONCE = 2


@dataclass(frozen=True)
class PublishReport:
    """What a publish left behind."""

    published: Path
    generation: str
    is_changed: bool
    """False when the snapshot already there was made of the same rows, code and seeds, and so was left alone."""
    row_counts: Mapping[str, int]
    manifest: Mapping[str, Any]

    @property
    def tables(self) -> int:
        """Number of published tables."""
        return len(self.row_counts)

    @property
    def rows(self) -> int:
        """Rows in all published tables."""
        return sum(self.row_counts.values())


def publish(
    warehouse: Path,
    published: Path,
    *,
    manifest: Mapping[str, Any] | Path,
    failed_tests: Sequence[FailedTest] | None = None,
    raw_warehouse: Path | None = None,
    history: Path | None = None,
) -> PublishReport:
    """Copy every public model of the marts and metrics to `published`, replacing what is there in one step.

    Rows are ordered by primary key (by all columns where a model has none) and doubles are rounded, once and here, to
    12 significant digits, so that equal input gives byte-equal Parquet. The wall clock is not read.

    Args:
        warehouse: the DuckDB file that dbt built; opened for reading only.
        published: folder of the snapshot; see `metrics_py.publish.generation` for what it holds.
        manifest: dbt's manifest.json or its path: which models are public, their keys and descriptions.
        failed_tests: data tests that found rows, for the record. None: not known, which is not none.
        raw_warehouse: the file that holds the raw layer, where it is not `warehouse`.
        history: folder of the history, which this publish is appended to; see `metrics_py.history.shelf`. None keeps
            none, and the snapshot has no tables of it.
    Returns: what was published.
    Raises: ConfigurationError for a manifest without public models; WarehouseError when the warehouse is missing, in
        use by a writer, lacks one of the tables, or holds no metric value.
    """
    # Here, because the history reads snapshots and would import this module in a circle.
    from metrics_py.history import History, RawLayer, Snapshot, require_tables, write_landed

    contents = read_json(manifest)
    models = public_models(contents)
    with told(published, source=warehouse), next_generation(published) as folder:
        with connect(warehouse, read_only=True) as connection:
            _prepare(connection, folder, models)
            raw = RawLayer(_raw_catalog(connection, raw_warehouse), list(contents.get("sources", {}).values()))
            shelf = None if history is None else History(history)
            if shelf is not None:
                require_tables(model.name for model in models)
            landed: list[Landed] = []

            def copied(model: PublicModel) -> PublishedTable:
                cursor = connection.cursor()
                table = _copy(cursor, folder, model)
                if shelf is not None and model.name == "metric_evidence_sources":
                    # While the evidence itself is copied, which takes longer.
                    file = folder / "landed.parquet"
                    landed.append(write_landed(cursor, folder / table.file, raw, shelf.newest(), file))
                return table

            with ThreadPoolExecutor(COPIES_AT_ONCE) as pool:
                # The longest first, so that the others do not wait for it in the end.
                sizes = _sizes(connection)
                longest_first = sorted(models, key=lambda model: -sizes.get((model.schema, model.name), 0))
                tables = list(pool.map(copied, longest_first))
            document = describe(connection, tables, manifest=contents, failed_tests=failed_tests, raw=raw.catalog)
            if shelf is not None:
                tables += _keep(Snapshot(connection, folder, document, raw, landed[0]), shelf)
                document["tables"] = dict(sorted((document["tables"] | listed(tables)).items()))
                landed[0].file.unlink()
        content = as_bytes(document)
        (folder / MANIFEST).write_bytes(content)
        generation = generation_of(content)
        is_changed = install(published, folder, generation)
    return PublishReport(published, generation, is_changed, {table.name: table.rows for table in tables}, document)


def _prepare(connection: duckdb.DuckDBPyConnection, folder: Path, models: Sequence[PublicModel]) -> None:
    # One thread for each table: with more, its rows could be cut into Parquet row groups elsewhere on another run.
    connection.execute("set threads = 1")
    connection.execute(
        f"attach {quoting.text(folder / DATABASE)} as {SNAPSHOT} "
        f"(read_write, storage_version {quoting.text(STORAGE_VERSION)})"
    )
    for schema in sorted({model.schema for model in models}):
        connection.execute(f"create schema {SNAPSHOT}.{quoting.name(schema)}")


def _raw_catalog(connection: duckdb.DuckDBPyConnection, raw_warehouse: Path | None) -> str:
    if raw_warehouse is not None:
        connection.execute(f"attach {quoting.text(raw_warehouse)} as raw_file (read_only)")
        return "raw_file"
    (catalog,) = connection.execute("select current_database()").fetchall()[0]
    return str(catalog)


def _sizes(connection: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str], int]:
    """About how many rows each table has, by schema and name."""
    found = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
    return {(schema, name): size for schema, name, size in found}


def _copy(connection: duckdb.DuckDBPyConnection, folder: Path, model: PublicModel) -> PublishedTable:
    source = f"{quoting.name(model.schema)}.{quoting.name(model.name)}"
    try:
        return _copy_rows(connection, folder, model, f"select * from {source}")
    except duckdb.CatalogException:
        raise WarehouseError(
            f"the warehouse has no table {model.schema}.{model.name}, which the dbt manifest calls public; "
            "run `dbt build` for the whole project"
        ) from None


def _copy_rows(connection: duckdb.DuckDBPyConnection, folder: Path, model: PublicModel, query: str) -> PublishedTable:
    target = f"{SNAPSHOT}.{quoting.name(model.schema)}.{quoting.name(model.name)}"
    file = folder / PARQUET / f"{model.name}.parquet"
    columns = connection.execute(f"describe {query}").fetchall()
    names = [name for name, *_ in columns]
    selected = ", ".join(_published_column(name, data_type) for name, data_type, *_ in columns)
    rows_in_order = ordered(connection, f"select {selected} from ({query})", model.key or names)
    connection.execute("begin")  # one commit, where the table and each of its comments would have one of their own
    connection.execute(f"create table {target} as {rows_in_order}")
    _comment(connection, "table", target, model.description)
    for name in names:
        _comment(connection, "column", f"{target}.{quoting.name(name)}", model.columns.get(name, ""))
    connection.execute(
        f"copy {target} to {quoting.text(file)} "
        f"(format parquet, compression zstd, kv_metadata {{description: {quoting.text(model.description)}}})"
    )
    (rows,) = connection.execute(f"select count(*) from {target}").fetchall()[0]
    connection.execute("commit")
    return PublishedTable(
        name=model.name,
        schema=model.schema,
        rows=rows,
        key=model.key,
        file=f"{PARQUET}/{file.name}",
        sha256=sha256_of(file),
    )


def _keep(snapshot: Snapshot, shelf: History) -> list[PublishedTable]:
    """Append to the history, and copy it as it stood at this snapshot's as_of into the snapshot."""
    from metrics_py.history import record
    from metrics_py.history.tables import SCHEMA, TABLES, described

    publish = record(shelf, snapshot)
    known = [other for other in shelf.publishes() if other.as_of <= publish.as_of]
    if not known:
        return []
    copied = []
    for table in TABLES:
        query = table.query(known)
        names = [name for name, *_ in snapshot.connection.execute(f"describe {query}").fetchall()]
        descriptions = {name: described(table, name) for name in names}
        model = PublicModel(table.name, SCHEMA, table.key, table.description, descriptions)
        copied.append(_copy_rows(snapshot.connection, snapshot.folder, model, query))
    return copied


def _published_column(name: str, data_type: str) -> str:
    column = quoting.name(name)
    if data_type != "DOUBLE":
        return column
    # Through decimal text, because rounding by a power of ten is itself inexact.
    return f"cast(printf('%.{SIGNIFICANT_DIGITS}g', {column}) as double) as {column}"


def _comment(connection: duckdb.DuckDBPyConnection, kind: str, target: str, description: str) -> None:
    if description:
        connection.execute(f"comment on {kind} {target} is {quoting.text(description)}")
