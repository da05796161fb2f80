"""Bringing the public tables home: from an engine into the local warehouse file, which publishing copies from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metrics_py.console import Step
from metrics_py.engines import Engine
from metrics_py.publish.catalogue import public_models
from metrics_py.publish.quoting import name as quoted
from metrics_py.trouble import told
from metrics_py.warehouse import connect, memory_limit


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
        connection.execute(f"set memory_limit = '{memory_limit()}'")
        connection.execute("begin")
        for done, model in enumerate(models, start=1):
            connection.execute(f"create schema if not exists {quoted(model.schema)}")
            table = f"{quoted(model.schema)}.{quoted(model.name)}"
            way = f"create or replace table {table} as"
            for part in engine.parts(f"{model.schema}.{model.name}"):
                connection.register("fetched", part)
                connection.execute(f"{way} select * from fetched")
                connection.unregister("fetched")
                way = f"insert into {table}"
            if step:
                step(done, len(models), model.name)
        connection.execute("commit")
