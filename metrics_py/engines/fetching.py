"""Bringing the public tables home: from an engine into the local warehouse file, which publishing copies from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metrics_py.console import Step
from metrics_py.engines import Engine
from metrics_py.publish.catalogue import public_models
from metrics_py.publish.quoting import name as quoted
from metrics_py.trouble import told
from metrics_py.warehouse import connect, limit_memory

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


def fetch_public_tables(
    engine: Engine, warehouse: Path, *, manifest: Mapping[str, Any], step: Step | None = None
) -> None:
    """Replace every public table of a warehouse file with the engine's, all of them or none.

    Args:
        engine: where they were built.
        warehouse: the DuckDB file; made when missing.
        manifest: dbt's manifest, which says what is public.
        step: progress callback.

    Raises:
        WarehouseError: the engine lacks a table, or the file cannot be written.
    """
    models = public_models(manifest)
    with told(warehouse), connect(warehouse) as connection:
        limit_memory(connection)
        connection.execute("begin")
        for done, model in enumerate(models, start=1):
            connection.execute(f"create schema if not exists {quoted(model.schema)}")
            table = f"{quoted(model.schema)}.{quoted(model.name)}"
            connection.register("fetched", _stream(engine.parts(f"{model.schema}.{model.name}")))
            connection.execute(f"create or replace table {table} as select * from fetched")
            connection.unregister("fetched")
            if step:
                step(done, len(models), model.name)
        connection.execute("commit")


def _stream(parts: Iterator[pl.DataFrame]) -> pa.RecordBatchReader:
    """The parts as one stream: what is registered in a transaction is held until its end, whole frames too."""
    import pyarrow as pa

    first = next(parts).to_arrow()
    batches = (batch for part in chain([first], (part.to_arrow() for part in parts)) for batch in part.to_batches())
    return pa.RecordBatchReader.from_batches(first.schema, batches)
