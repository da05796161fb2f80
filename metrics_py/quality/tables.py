"""The tables that can be checked, with what their contracts promise: columns, types, keys, and how old they may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from metrics_py.errors import ConfigurationError
from metrics_py.land import contract

if TYPE_CHECKING:
    import duckdb

Side = Literal["raw", "published"]
SIDES: tuple[Side, ...] = get_args(Side)

_LANDED_COLUMNS = (
    ("_extracted_at", "timestamp"),
    ("_source_file", "varchar"),
    ("_source_row", "bigint"),
    ("_row_hash", "varchar"),
)
_PRESENCE_COLUMNS = (
    ("_row_key", "varchar"),
    ("_row_hash", "varchar"),
    ("first_seen_extract", "timestamp"),
    ("last_seen_extract", "timestamp"),
    ("previous_extract", "timestamp"),
)


@dataclass(frozen=True)
class CheckedTable:
    """One table that suites may name; queries in suites see these attributes."""

    side: Side
    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
    """Name and type of each column, in order."""
    key: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    """Columns that are never null."""
    happened: tuple[str, ...] = ()
    """Columns that say when something happened, which is never after the extract."""
    source: str = ""
    is_full: bool = False
    """True when every extract holds all rows."""
    max_age_days: int | None = None
    """How old the newest extract may be."""
    is_landed: bool = False
    """True for a table of the raw contract; False for the logs of landing and for published tables."""

    @property
    def label(self) -> str:
        """What suites call it: `source.table` of the raw side, the bare name of the published side."""
        return f"{self.source}.{self.name}" if self.side == "raw" else self.name

    @property
    def relation(self) -> str:
        """Its quoted name in SQL."""
        return f'"{self.schema}"."{self.name}"'

    @property
    def own_columns(self) -> tuple[str, ...]:
        """Its columns without those that landing adds."""
        added = {name for name, _ in _LANDED_COLUMNS} if self.is_landed else set()
        return tuple(name for name, _ in self.columns if name not in added)


def tables_of(project: Path, side: Side) -> dict[str, CheckedTable]:
    """Every table of a side by its label: raw from the sources of the dbt project, published from its contracts.

    Raises: ConfigurationError when the project describes no such table.
    """
    found = {table.label: table for table in (_raw(project) if side == "raw" else _published(project))}
    if not found:
        raise ConfigurationError(f"{project} describes no {side} table; name the dbt project with --project-dir")
    return found


def create_empty(connection: duckdb.DuckDBPyConnection, tables: Iterable[CheckedTable]) -> None:
    """Create the tables without rows, so that queries can be tried on their names and types."""
    statements = []
    for schema, name, columns in _relations(tables):
        statements.append(f'create schema if not exists "{schema}"')
        described = ", ".join(f'"{column}" {data_type}' for column, data_type in columns)
        statements.append(f'create table "{schema}"."{name}" ({described})')
    connection.execute(";\n".join(dict.fromkeys(statements)))


def _relations(tables: Iterable[CheckedTable]) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    for table in tables:
        yield table.schema, table.name, table.columns
        if table.is_landed:
            yield table.schema, f"{table.name}__presence", _PRESENCE_COLUMNS


def _raw(project: Path) -> Iterator[CheckedTable]:
    contracted = contract.load(project).tables
    for source in _entries(project, "models/staging/*/_*__sources.yml", "sources"):
        age = ((source.get("config") or {}).get("freshness") or {}).get("warn_after")
        for entry in source.get("tables") or []:
            landed = contracted.get((source["name"], entry["name"]))
            if landed is None:
                columns = tuple((column["name"], column["data_type"]) for column in entry["columns"])
                yield CheckedTable("raw", source["schema"], entry["name"], columns, source=source["name"])
                continue
            yield CheckedTable(
                side="raw",
                schema=source["schema"],
                name=landed.name,
                columns=(*((column.name, column.physical_type) for column in landed.columns), *_LANDED_COLUMNS),
                key=landed.key,
                required=tuple(column.name for column in landed.columns if column.name in landed.required),
                happened=tuple(column.name for column in landed.columns if column.name in landed.happened),
                source=landed.source,
                is_full=landed.is_full,
                max_age_days=_days(age) if age else None,
                is_landed=True,
            )


def _published(project: Path) -> Iterator[CheckedTable]:
    for layer in ("marts", "metrics"):
        for model in _entries(project, f"models/{layer}/**/*.yml", "models"):
            columns = model.get("columns") or []
            yield CheckedTable(
                side="published",
                schema=layer,
                name=model["name"],
                columns=tuple((column["name"], str(column["data_type"])) for column in columns),
                key=_primary_key(model),
                required=tuple(column["name"] for column in columns if "not_null" in _constraints(column)),
            )


def _entries(project: Path, pattern: str, heading: str) -> Iterator[dict[str, Any]]:
    import yaml

    for path in sorted(project.glob(pattern)):
        content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        yield from content.get(heading) or []


def _constraints(column: Mapping[str, Any]) -> set[str]:
    return {constraint["type"] for constraint in column.get("constraints") or []}


def _primary_key(model: Mapping[str, Any]) -> tuple[str, ...]:
    for constraint in model.get("constraints") or []:
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    return tuple(column["name"] for column in model.get("columns") or [] if "primary_key" in _constraints(column))


def _days(age: Mapping[str, Any]) -> int:
    return int(age["count"]) * {"day": 24, "hour": 1}[age["period"]] // 24
