"""The raw contract: which tables may land, with their columns, keys and rules.

One definition serves landing, staging and the sample: the `_<source>__sources.yml` files below `models/staging`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from metrics_py.errors import ConfigurationError

STAMP_COLUMNS = ("_extracted_at", "_airbyte_extracted_at", "_fivetran_synced")
"""Names under which loaders write a row's own extract time; the first that is present and not empty counts."""

_KINDS = ("varchar", "bigint", "double", "boolean", "date", "timestamp")


@dataclass(frozen=True)
class Column:
    """A column of the contract: its name and logical type."""

    name: str
    data_type: str

    @property
    def kind(self) -> str:
        """The logical type without precision: `decimal` for `decimal(18,2)`."""
        return self.data_type.partition("(")[0]

    @property
    def physical_type(self) -> str:
        """The type in the warehouse; timestamps stay ISO text so that their zone is not lost."""
        return "varchar" if self.kind == "timestamp" else self.data_type


@dataclass(frozen=True)
class Table:
    """A table of the contract."""

    source: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    mode: Literal["full", "incremental"]
    updated: str | None
    required: frozenset[str]
    happened: frozenset[str]

    @property
    def raw(self) -> str:
        """Quoted name of the raw table."""
        return f'"raw_{self.source}"."{self.name}"'

    @property
    def runs(self) -> str:
        """Quoted name of the table of sightings, from which the presence view is derived."""
        return f'"raw_{self.source}"."{self.name}__runs"'

    @property
    def presence(self) -> str:
        """Quoted name of the view of presence intervals."""
        return f'"raw_{self.source}"."{self.name}__presence"'

    @property
    def is_full(self) -> bool:
        """True when a row missing from an extract is a row that is gone."""
        return self.mode == "full"

    def position(self, name: str) -> int:
        """Index of a column by its name."""
        return next(index for index, column in enumerate(self.columns) if column.name == name)


@dataclass(frozen=True)
class Contract:
    """All tables that may land, and the settings of the organisation that typing needs."""

    tables: Mapping[tuple[str, str], Table]
    org_timezone: str = "UTC"
    org_currency: str = "USD"
    source_timezones: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def sources(self) -> list[str]:
        """The source folders, sorted."""
        return sorted({source for source, _ in self.tables})

    def table(self, source: str, name: str) -> Table | None:
        """A table by its folder names; None when the contract has no such table."""
        return self.tables.get((source, name))

    def zone_of(self, source: str) -> str:
        """The zone of timestamps of a source that carry no offset."""
        return self.source_timezones.get(source, "UTC")


def load(project: Path) -> Contract:
    """Contract of a dbt project: its sources below `models/staging` and its vars.

    Args:
        project: folder that holds `dbt_project.yml`.
    Raises: ConfigurationError when a file is missing, is not YAML or describes a table that cannot be landed.
    """
    settings = _read_yaml(project / "dbt_project.yml").get("vars") or {}
    tables: dict[tuple[str, str], Table] = {}
    for path in sorted(project.glob("models/staging/*/_*__sources.yml")):
        try:
            tables |= {(table.source, table.name): table for table in _tables(path)}
        except (AttributeError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{path}: `sources` is a list of mappings with `name` and `tables`, and a table a mapping with `name`, "
                f"`columns` (each with `name` and `data_type`) and `config: {{meta: ...}}`; found otherwise ({error})"
            ) from None
    if not tables:
        raise ConfigurationError(
            f"no raw tables described below {project / 'models' / 'staging'}: "
            "point `project` at the folder that holds dbt_project.yml"
        )
    return Contract(
        tables=MappingProxyType(tables),
        org_timezone=settings.get("org_timezone") or "UTC",
        org_currency=settings.get("org_currency") or "USD",
        source_timezones=MappingProxyType(settings.get("source_timezones") or {}),
    )


def _tables(path: Path) -> Iterator[Table]:
    for source in _read_yaml(path).get("sources") or []:
        for entry in source.get("tables") or []:
            meta = (entry.get("config") or {}).get("meta") or {}
            if "key" in meta:
                yield _table(path, source["name"], entry, meta)


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        with path.open("rb") as stream:
            content = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing; `project` must be the folder of the dbt project") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path} is not valid YAML: {error}") from None
    return content if isinstance(content, dict) else {}


def _table(path: Path, source: str, entry: Mapping[str, Any], meta: Mapping[str, Any]) -> Table:
    columns = tuple(Column(column["name"], column["data_type"].lower()) for column in entry.get("columns") or [])
    names = {column.name for column in columns}
    where = f"{path.name}, table {entry['name']}"
    for column in columns:
        if column.kind not in (*_KINDS, "decimal"):
            raise ConfigurationError(
                f"{where}: column {column.name} has data_type {column.data_type}; "
                f"allowed are {', '.join(_KINDS)} and decimal(p,s)"
            )
    updated = meta.get("updated")
    asked = {*meta["key"], *meta.get("required", []), *meta.get("happened", []), *([updated] if updated else [])}
    if asked - names:
        raise ConfigurationError(f"{where}: meta names columns it does not have: {', '.join(sorted(asked - names))}")
    if meta.get("mode") not in ("full", "incremental"):
        raise ConfigurationError(f"{where}: meta.mode is {meta.get('mode')!r}; allowed are full and incremental")
    return Table(
        source=source,
        name=entry["name"],
        columns=columns,
        key=tuple(meta["key"]),
        mode=meta["mode"],
        updated=updated,
        required=frozenset(meta.get("required", [])),
        happened=frozenset(meta.get("happened", [])),
    )
