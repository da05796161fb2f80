"""Whether two engines built the same tables, row by row; used for PostgreSQL and for Spark."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics_py.engines import Tables
from metrics_py.engines.postgres_server import PostgresServer
from metrics_py.publish.catalogue import public_models

TOLERANCE = 1e-12


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """A server of its own, which libpq's variables lead to meanwhile."""
    # Not pytest's own folder: its name is too long for a socket, and only root may enter it.
    folder = Path(tempfile.mkdtemp(prefix="metrics-pg-"))
    server = PostgresServer(folder, is_durable=False)
    try:
        server.start()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in server.variables.items():
                patch.setenv(name, value)
            yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def public_tables(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every mart and metric table as `schema.name`, with its key."""
    return {f"{model.schema}.{model.name}": model.key for model in public_models(manifest)}


def differences(one: Tables, other: Tables, tables: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What differs between the tables of two engines; integers, text and dates exactly, floats beyond 1e-12."""
    found = []
    for name, key in tables.items():
        found += [f"{name}: {said}" for said in compare(one.read(name), other.read(name), key)]
    return found


def compare(left: pl.DataFrame, right: pl.DataFrame, key: tuple[str, ...] = ()) -> list[str]:
    """What differs between two frames, rows in any order.

    Examples:
        >>> compare(pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": [2, 1]}))
        []
        >>> compare(pl.DataFrame({"a": [1.0, 2.0]}), pl.DataFrame({"a": [1.0, 2.0 + 1e-9]}))
        ['a differs in 1 of 2 rows, first 2.0 and 2.000000001']
    """
    if left.schema != right.schema:
        pairs = zip(left.schema.items(), right.schema.items(), strict=False)
        return [f"columns differ: {[pair for pair in pairs if pair[0] != pair[1]] or (left.columns, right.columns)}"]
    if left.height != right.height:
        return [f"{left.height} rows and {right.height}"]
    floats = [name for name, kind in left.schema.items() if kind == pl.Float64]
    order = list(key) or [name for name in left.columns if name not in floats] + floats
    left, right = left.sort(order, nulls_last=True), right.sort(order, nulls_last=True)
    found = []
    for name in left.columns:
        one, other = left[name], right[name]
        differs = one.ne_missing(other)
        if name in floats:
            scale = pl.select(pl.max_horizontal(one.abs(), other.abs(), pl.lit(1.0))).to_series()
            close = ((one - other).abs() <= TOLERANCE * scale).fill_null(False)
            differs = differs & ~close
        if differs.any():
            row = differs.arg_max()
            found.append(
                f"{name} differs in {differs.sum()} of {left.height} rows, first {one[row]!r} and {other[row]!r}"
            )
    return found
