"""Copying the public models out of the warehouse: a DuckDB file that every client can open, and Parquet."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.publish import quoting
from metrics_py.publish.catalogue import PublicModel, public_models, read_json
from metrics_py.publish.generation import DATABASE, MANIFEST, PARQUET, install, sha256_of, workshop
from metrics_py.publish.manifest import PublishedTable, as_bytes, describe, generation_of

# Clients from 1.2 on read this storage; a file in the newest format shuts all but the newest out.
STORAGE_VERSION = "v1.2.0"
SIGNIFICANT_DIGITS = 12


@dataclass(frozen=True)
class PublishReport:
    """What a publish left behind."""

    published: Path
    generation: str
    is_changed: bool
    """False when the snapshot already there was made of the same rows, code and seeds, and so was left alone."""
    row_counts: Mapping[str, int]
    manifest: Mapping[str, Any]


def publish(
    warehouse: Path,
    published: Path,
    *,
    manifest: Mapping[str, Any] | Path,
    run_results: Mapping[str, Any] | Path | None = None,
) -> PublishReport:
    """Copy every public model of the marts and metrics to `published`, replacing what is there in one step.

    Rows are ordered by primary key (by all columns where a model has none) and doubles are rounded, once and here, to
    12 significant digits, so that equal input gives byte-equal Parquet. The wall clock is not read.

    Args:
        warehouse: the DuckDB file that dbt built; opened for reading only.
        published: folder of the snapshot; see `metrics_py.publish.generation` for what it holds.
        manifest: dbt's manifest.json or its path: which models are public, their keys and descriptions.
        run_results: dbt's run_results.json or its path; names the tests that failed. None: not recorded.
    Returns: what was published.
    Raises: ConfigurationError for a manifest without public models; WarehouseError when the warehouse is missing, in
        use by a writer, lacks one of the tables, or holds no metric value.
    """
    contents = read_json(manifest)
    results = read_json(run_results) if run_results is not None else None
    models = public_models(contents)
    with workshop(published) as folder:
        with _open(warehouse, folder, models) as connection:
            tables = [_copy(connection, folder, model) for model in models]
            document = describe(connection, tables, manifest=contents, run_results=results)
        content = as_bytes(document)
        (folder / MANIFEST).write_bytes(content)
        generation = generation_of(content)
        is_changed = install(published, folder, generation)
    return PublishReport(published, generation, is_changed, {table.name: table.rows for table in tables}, document)


def _open(warehouse: Path, folder: Path, models: list[PublicModel]) -> duckdb.DuckDBPyConnection:
    if not warehouse.is_file():
        raise WarehouseError(f"{warehouse} does not exist; run `metrics-py build`, or give the file dbt built")
    # One thread: with more, the rows of a table could be cut into Parquet row groups at other places on another run.
    connection = duckdb.connect(":memory:", config={"threads": 1})
    source = models[0].database
    try:
        connection.execute(f"attach {quoting.text(warehouse)} as {quoting.name(source)} (read_only)")
    except duckdb.Error as error:
        connection.close()
        raise WarehouseError(
            f"{warehouse} could not be opened for reading: {error}. If dbt or another writer has it open, "
            "wait until it is done"
        ) from None
    connection.execute(
        f"attach {quoting.text(folder / DATABASE)} as published (storage_version {quoting.text(STORAGE_VERSION)})"
    )
    for schema in sorted({model.schema for model in models}):
        connection.execute(f"create schema published.{quoting.name(schema)}")
    return connection


def _copy(connection: duckdb.DuckDBPyConnection, folder: Path, model: PublicModel) -> PublishedTable:
    source = f"{quoting.name(model.database)}.{quoting.name(model.schema)}.{quoting.name(model.name)}"
    target = f"published.{quoting.name(model.schema)}.{quoting.name(model.name)}"
    file = folder / PARQUET / f"{model.name}.parquet"
    try:
        columns = connection.execute(f"describe {source}").fetchall()
    except duckdb.CatalogException:
        raise WarehouseError(
            f"the warehouse has no table {model.schema}.{model.name}, which the dbt manifest calls public; "
            "run `dbt build` for the whole project"
        ) from None
    names = [name for name, *_ in columns]
    order = ", ".join(f"{quoting.name(name)} nulls last" for name in model.key or names)
    selected = ", ".join(_published_column(name, data_type) for name, data_type, *_ in columns)
    connection.execute(f"create table {target} as select {selected} from {source} order by {order}")
    _comment(connection, "table", target, model.description)
    for name in names:
        _comment(connection, "column", f"{target}.{quoting.name(name)}", model.columns.get(name, ""))
    connection.execute(
        f"copy (select * from {target} order by {order}) to {quoting.text(file)} "
        f"(format parquet, compression zstd, kv_metadata {{description: {quoting.text(model.description)}}})"
    )
    (rows,) = connection.execute(f"select count(*) from {target}").fetchall()[0]
    return PublishedTable(
        name=model.name,
        schema=model.schema,
        rows=rows,
        key=model.key,
        file=f"{PARQUET}/{file.name}",
        sha256=sha256_of(file),
    )


def _published_column(name: str, data_type: str) -> str:
    column = quoting.name(name)
    if data_type != "DOUBLE":
        return column
    # Through decimal text, because rounding by a power of ten is itself inexact.
    return f"cast(printf('%.{SIGNIFICANT_DIGITS}g', {column}) as double) as {column}"


def _comment(connection: duckdb.DuckDBPyConnection, kind: str, target: str, description: str) -> None:
    if description:
        connection.execute(f"comment on {kind} {target} is {quoting.text(description)}")
