"""What a snapshot says about itself: as of when, from which rows, code and seeds, and what went wrong on the way."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.publish import quoting

FORMAT = 1
# What the file being written is called inside the connection that writes it.
SNAPSHOT = "next_snapshot"


class FailedTest(Protocol):
    """A data test that found rows."""

    @property
    def name(self) -> str:
        """Name of the test."""

    @property
    def severity(self) -> str:
        """`error` or `warn`."""

    @property
    def rows(self) -> int:
        """Rows it found."""


@dataclass(frozen=True)
class PublishedTable:
    """One table of a snapshot, as its manifest lists it."""

    name: str
    schema: str
    rows: int
    key: tuple[str, ...]
    file: str
    sha256: str


def describe(
    connection: duckdb.DuckDBPyConnection,
    tables: Iterable[PublishedTable],
    *,
    manifest: Mapping[str, Any],
    failed_tests: Sequence[FailedTest] | None,
    raw: str,
) -> dict[str, Any]:
    """The manifest of a snapshot: a function of its rows, code and seeds, so equal input gives equal bytes.

    `run.failed_tests` is null when it was not told, `run.error_violations` when integrity violations are not published,
    and `run.quarantined` when the catalog `raw` holds no raw layer: unknown, which is not none.

    Raises: WarehouseError when `metric_values` gives no as_of.
    """
    published = {table.name: table for table in tables}
    as_of = _as_of(connection, published)
    return {
        "format": FORMAT,
        "as_of": as_of,
        "versions": {
            "metrics-py": _version("metrics-py"),
            "dbt-core": manifest["metadata"]["dbt_version"],
            "duckdb": duckdb.__version__,
        },
        "definition_versions": _definition_versions(connection, published),
        "code": _code_hashes(manifest),
        "seeds": _seed_hashes(manifest),
        "tables": listed(published.values()),
        "run": {
            "failed_tests": None if failed_tests is None else _failed(failed_tests),
            "error_violations": _error_violations(connection, published),
            "quarantined": _quarantined(connection, manifest, raw=raw, as_of=as_of),
        },
    }


def listed(tables: Iterable[PublishedTable]) -> dict[str, Any]:
    """Tables as a manifest lists them, by name."""
    return {
        table.name: {
            "schema": table.schema,
            "rows": table.rows,
            "key": list(table.key),
            "file": table.file,
            "sha256": table.sha256,
        }
        for table in sorted(tables, key=lambda table: table.name)
    }


def as_bytes(document: Mapping[str, Any]) -> bytes:
    """A manifest as the bytes of its file."""
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _as_of(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, PublishedTable]) -> str:
    table = tables.get("metric_values")
    if table is not None:
        (as_of,) = connection.execute(f"select cast(max(as_of) as timestamp) from {_published(table)}").fetchall()[0]
        if as_of is not None:
            return f"{as_of.isoformat()}Z"
    raise WarehouseError("metric_values has no row, so there is no as_of and nothing to publish; land an extract first")


def _definition_versions(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, PublishedTable]) -> dict[str, str]:
    query = f"""
        select metric_id, string_agg(distinct cast(definition_version as varchar), ', ' order by definition_version)
        from {_published(tables["metric_values"])}
        where definition_version is not null
        group by metric_id
    """
    return dict(sorted(connection.execute(query).fetchall()))


def _error_violations(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, PublishedTable]) -> int | None:
    table = tables.get("fct_integrity_violations")
    if table is None:
        return None
    (count,) = connection.execute(f"select count(*) from {_published(table)} where severity = 'error'").fetchall()[0]
    return int(count)


def _quarantined(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], *, raw: str, as_of: str
) -> list[dict[str, Any]] | None:
    sources = [source for source in manifest.get("sources", {}).values() if source["name"] == "raw_quarantine"]
    if not sources:
        return None
    relation = ".".join(quoting.name(part) for part in (raw, sources[0]["schema"], sources[0]["identifier"]))
    try:
        rows = connection.execute(
            f"""
            select source, table_name, count(*)
            from {relation}
            where extracted_at <= cast(? as timestamp)
            group by source, table_name
            order by source, table_name
            """,
            [as_of.removesuffix("Z")],
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return [{"source": source_name, "table": table, "rows": count} for source_name, table, count in rows]


def _failed(tests: Iterable[FailedTest]) -> list[dict[str, Any]]:
    listed = [{"test": test.name, "severity": test.severity, "rows": test.rows} for test in tests]
    return sorted(listed, key=lambda test: str(test["test"]))


def _code_hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    project = manifest["metadata"].get("project_name")
    models = {
        identifier: node["checksum"]["checksum"]
        for identifier, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    macros = {
        identifier: macro["macro_sql"]
        for identifier, macro in manifest.get("macros", {}).items()
        if macro["package_name"] == project
    }
    package = Path(__file__).parents[1]
    sources = {
        path.relative_to(package).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return {"models": _hash(models), "macros": _hash(macros), "metrics_py": _hash(sources)}


def _seed_hashes(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {
        node["name"]: node["checksum"]["checksum"]
        for node in sorted(manifest["nodes"].values(), key=lambda node: str(node["name"]))
        if node["resource_type"] == "seed"
    }


def _hash(contents: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"


def _published(table: PublishedTable) -> str:
    return f"{SNAPSHOT}.{quoting.name(table.schema)}.{quoting.name(table.name)}"
