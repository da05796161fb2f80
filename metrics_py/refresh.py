"""Whether a build may compute anew only what newer extracts can have changed; the tables are the same either way.

A build that ends well leaves behind what it was made of, in the database it built. The next one refreshes those tables
if the project is the same and nothing has landed since but extracts newer than all it knew; else it builds them whole,
and says why. Whatever else runs dbt on these tables takes the record away first, so a build that stopped half-way, or
one that this program knows nothing of, is followed by a whole one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from metrics_py import extract_log
from metrics_py.errors import WarehouseError
from metrics_py.warehouse import connect

if TYPE_CHECKING:
    from metrics_py.engines import Tables

RECORD = "builds.last_build"
VARIABLE = "METRICS_REFRESH_SINCE"


@dataclass(frozen=True)
class Scope:
    """What a build computes: all, and why, or what extracts after an instant (naive, UTC) can have changed."""

    since: datetime | None
    reason: str | None

    @property
    def settings(self) -> Mapping[str, str]:
        """The environment variable that the models read."""
        return {VARIABLE: "" if self.since is None else f"{self.since:%Y-%m-%d %H:%M:%S.%f}"}


def scope_of(tables: Tables, store: Path, project: Path, manifest: Mapping[str, Any], *, is_full: bool) -> Scope:
    """What the next build has to compute.

    Args:
        tables: where the models are built.
        store: the DuckDB file that extracts were landed in.
        project: folder of the dbt project.
        manifest: dbt's manifest of it.
        is_full: whether everything was asked for.
    """
    if is_full:
        return Scope(None, "asked for")
    try:
        record = tables.read(RECORD)
    except WarehouseError:
        return Scope(None, "no finished build before it")
    made_of = record.row(0, named=True)
    if made_of["project"] != _checksum(project, manifest):
        return Scope(None, "the project has changed since the last build")
    if made_of["landed"] != _landed(store, until=made_of["as_of"])[1]:
        return Scope(None, "extracts as old as the last build, or older, have landed since")
    return Scope(made_of["as_of"], None)


def record_of(store: Path, project: Path, manifest: Mapping[str, Any]) -> pl.DataFrame:
    """What a build is made of, to be written to `RECORD` once it has ended well; arguments as of `scope_of`."""
    as_of, landed = _landed(store)
    record = {"as_of": [as_of], "project": [_checksum(project, manifest)], "landed": [landed]}
    return pl.DataFrame(record, schema_overrides={"as_of": pl.Datetime("us")})


def _landed(store: Path, *, until: datetime | None = None) -> tuple[datetime | None, str]:
    """Time of the newest extract, and a checksum of the log of extracts, up to an instant."""
    with connect(store, read_only=True) as connection:
        return extract_log.checksum(connection, "raw.raw_extracts", until=until)


def _checksum(project: Path, manifest: Mapping[str, Any]) -> str:
    """Checksum of all that decides what the models say of given extracts: code, settings, seeds and contracts."""
    parts = [manifest["metadata"]["dbt_version"], manifest["metadata"]["adapter_type"]]
    for identifier, node in sorted((manifest["nodes"] | manifest["sources"]).items()):
        if not identifier.startswith(("test.", "analysis.", "operation.")):
            parts += [identifier, node.get("checksum"), node.get("config"), node.get("columns"), node.get("meta")]
    parts += [(identifier, macro["macro_sql"]) for identifier, macro in sorted(manifest["macros"].items())]
    # The vars that models ask for are part of no node.
    parts.append((project / "dbt_project.yml").read_text(encoding="utf-8"))
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
