"""The raw records behind the rows of a snapshot: one of the objects that the history keeps of a publish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.publish import quoting

Source = Mapping[str, Any]


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

    def relation(self, source: Source) -> str:
        """A raw table, as SQL names it."""
        return ".".join(quoting.name(part) for part in (self.catalog, source["schema"], source["identifier"]))


def write_records(connection: duckdb.DuckDBPyConnection, behind: Path, raw: RawLayer, file: Path) -> None:
    """Write the raw records behind the rows, each with when it happened and the file that its key first came in.

    Args:
        connection: to the raw layer, with one thread: rows then keep the order of the file.
        behind: the published metric_evidence_sources.
        raw: the raw layer.
        file: the Parquet file to write.
    Raises: WarehouseError when the manifest lacks one of the raw tables.
    """
    published = f"read_parquet({quoting.text(behind)})"
    tables = connection.execute(f"select distinct source_name, table_name from {published} order by all").fetchall()
    landed = " union all ".join(_landed(raw, *table) for table in tables)
    query = f"""
        with landed as ({landed})
        select
            behind.row_kind,
            behind.row_id,
            behind.role,
            behind.table_name,
            behind.row_key,
            behind.source_file,
            behind.source_row,
            landed.first_file,
            landed.happened_at
        from {published} as behind
        left join landed
            on behind.table_name = landed.table_name
            and behind.source_file = landed.source_file
            and behind.source_row = landed.source_row
    """
    connection.execute(f"copy ({query}) to {quoting.text(file)} (format parquet, compression zstd)")


def _landed(raw: RawLayer, source_name: str, table_name: str) -> str:
    source = raw.source(source_name, table_name)
    meta = source["config"].get("meta") or source["meta"]
    times = [_time(column) for column in meta.get("happened", [])]
    return f"""
        select
            {quoting.text(table_name)} as table_name,
            _source_file as source_file,
            _source_row as source_row,
            first_value(_source_file) over (
                partition by {", ".join(quoting.name(column) for column in meta["key"])}
                order by _extracted_at, _source_file, _source_row
            ) as first_file,
            coalesce({", ".join([*times, "null::timestamp"])}) as happened_at
        from {raw.relation(source)}
    """


def _time(column: str) -> str:
    # The zone is not resolved: it decides between "before the earlier publish" and "since" by hours, not by days.
    return f"try_cast(left(cast({quoting.name(column)} as varchar), 19) as timestamp)"
