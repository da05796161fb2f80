"""What has landed, as far as the history needs it: when each record happened, and the file that its key first came in.

Raw records stay what they are unless an extract lands that is no newer than those before it. So a publish keeps those
of newer extracts only, and goes by the objects of the publish before for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from metrics_py import extract_log
from metrics_py.errors import WarehouseError
from metrics_py.publish import quoting

if TYPE_CHECKING:
    from metrics_py.history.shelf import Publish

Source = Mapping[str, Any]

# More pieces than this are written anew as one.
MANY_OBJECTS = 100


@dataclass(frozen=True)
class RawLayer:
    """The raw layer that a snapshot was built from: its catalog, and the sources of the dbt manifest."""

    catalog: str
    sources: Sequence[Source]

    def source(self, source_name: str, table_name: str) -> Source:
        """What the manifest says of a raw table.

        Raises: WarehouseError when it says nothing.
        """
        for source in self.sources:
            if source["source_name"] == source_name and source["name"] == table_name:
                return source
        raise WarehouseError(
            f"the dbt manifest has no source {source_name}.{table_name}, which the history needs; "
            "is it of this project?"
        )

    def relation(self, source_name: str, table_name: str) -> str:
        """A raw table, as SQL names it; errors as of `source`."""
        source = self.source(source_name, table_name)
        return ".".join(quoting.name(part) for part in (self.catalog, source["schema"], source["identifier"]))

    @property
    def log(self) -> str:
        """The log of extracts, as SQL names it."""
        return self.relation("landing", "raw_extracts")


@dataclass(frozen=True)
class Landed:
    """The raw records at a publish: in objects of publishes before, and the rest in a file."""

    known: Sequence[str]
    file: Path
    rows: int
    """Records in the file."""
    facts: Mapping[str, Any]
    """Until when and of which tables the records are, and a checksum of the extracts they are from."""


def write_landed(
    connection: duckdb.DuckDBPyConnection, behind: Path, raw: RawLayer, last: Publish | None, file: Path
) -> Landed:
    """Write the raw records of all tables that evidence comes from, or those that the last publish did not know.

    Args:
        connection: to the raw layer, with one thread: the same input then gives the same bytes.
        behind: the published metric_evidence_sources.
        raw: the raw layer.
        last: the newest publish in the history.
        file: the Parquet file to write.
    Raises: WarehouseError when the manifest lacks one of the raw tables.
    """
    query = f"select distinct source_name, table_name from read_parquet({quoting.text(behind)}) order by all"
    tables = [list(table) for table in connection.execute(query).fetchall()]
    until, log = extract_log.checksum(connection, raw.log)
    known, after = _known(connection, raw, tables, last)
    records = " union all ".join(_records(raw, source_name, table_name, after) for source_name, table_name in tables)
    (rows,) = connection.execute(
        f"copy ({records}) to {quoting.text(file)} (format parquet, compression zstd)"
    ).fetchall()[0]
    facts = {"until": None if until is None else until.isoformat(), "log": log, "tables": tables}
    return Landed(known, file, rows, facts)


def _known(
    connection: duckdb.DuckDBPyConnection, raw: RawLayer, tables: Sequence[Sequence[str]], last: Publish | None
) -> tuple[Sequence[str], datetime | None]:
    """Objects that still hold, and until when; none, and null, when all has to be written."""
    known = None if last is None else last.facts.get("landed")
    if last is None or known is None or known["until"] is None:
        return (), None
    until = datetime.fromisoformat(known["until"])
    objects = last.facts["objects"]["landed"]
    is_same = extract_log.checksum(connection, raw.log, until=until)[1] == known["log"]
    if not is_same or len(objects) >= MANY_OBJECTS or any(table not in known["tables"] for table in tables):
        return (), None
    return objects, until


def _records(raw: RawLayer, source_name: str, table_name: str, after: datetime | None) -> str:
    source = raw.source(source_name, table_name)
    relation = raw.relation(source_name, table_name)
    meta = source["config"].get("meta") or source["meta"]
    key = [quoting.name(column) for column in meta["key"]]
    times = [_time(column) for column in meta.get("happened", [])]
    rows, newer = relation, ""
    if after is not None:
        newer = f"where _extracted_at > timestamp '{after}'"
        # What came first of a key may be older.
        same = " and ".join(f"rows.{column} is not distinct from newer.{column}" for column in key)
        rows = f"{relation} as rows semi join (select {', '.join(key)} from {relation} {newer}) as newer on {same}"
    return f"""
        select table_name, source_file, source_row, first_file, happened_at
        from (
            select
                {quoting.text(table_name)} as table_name,
                _source_file as source_file,
                _source_row as source_row,
                _extracted_at,
                first_value(_source_file) over (
                    partition by {", ".join(key)}
                    order by _extracted_at, _source_file, _source_row
                ) as first_file,
                coalesce({", ".join([*times, "null::timestamp"])}) as happened_at
            from {rows}
        )
        {newer}
    """


def _time(column: str) -> str:
    # The zone is not resolved: it decides between "before the earlier publish" and "since" by hours, not by days.
    return f"try_cast(left(cast({quoting.name(column)} as varchar), 19) as timestamp)"
