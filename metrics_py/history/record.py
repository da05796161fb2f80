"""Appending a publish to the history: its values, the rows behind them, and what changed since the publish before."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.files import link_or_copy
from metrics_py.history.changes import write_changes
from metrics_py.history.ledger import write_restatements
from metrics_py.history.shelf import CHANGES, RESTATEMENTS, History, Publish
from metrics_py.publish import quoting

FORMAT = 2
TABLES = ("metric_values", "metric_evidence", "metric_evidence_sources", "nps_by_stratum", "fct_survey_responses")


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that is about to be published: its manifest, its files and the warehouse it was copied from."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    manifest: Mapping[str, Any]
    sources: Iterable[Mapping[str, Any]]
    """The sources of the dbt manifest."""
    raw: str
    """Catalog of the raw layer."""

    def file(self, table: str) -> str:
        """The Parquet file of a table, as text in SQL."""
        return quoting.text(self.folder / self.manifest["tables"][table]["file"])


def record(history: History, snapshot: Snapshot) -> Publish:
    """Append a snapshot; what was published last, or a rebuild that is there already, is appended no second time.

    A snapshot that looks from before the newest landed extract is a rebuild: it is kept to compare with, and is no
    publish.

    Raises: WarehouseError when the snapshot lacks a table the history keeps, or the raw layer is not there.
    """
    missing = [table for table in TABLES if table not in snapshot.manifest["tables"]]
    if missing:
        raise WarehouseError(
            f"the snapshot lacks {', '.join(missing)}, which the history keeps; build the whole project"
        )
    identity = _identity(snapshot.manifest)
    is_rebuild = _is_rebuild(snapshot)
    with history.appending() as folder:
        publishes = history.publishes()
        last = publishes[-1] if publishes else None
        same = [entry for entry in [*history.rebuilds(), *publishes] if entry.id == identity]
        if same and (is_rebuild or same[-1] == last):
            return same[-1]
        facts = {
            "format": FORMAT,
            "id": identity,
            "number": None if is_rebuild else len(publishes) + 1,
            "objects": {name: history.keep(file) for name, file in _write_objects(snapshot, folder)},
            **{key: snapshot.manifest[key] for key in ("as_of", "versions", "definition_versions", "code", "seeds")},
        }
        entry = folder / "entry"
        entry.mkdir()
        if not is_rebuild:
            publish = Publish(history.folder / "publishes" / "next", facts)
            write_changes(last, publish, entry / CHANGES)
            write_restatements(last, publish, entry / RESTATEMENTS)
        return history.add(entry, facts)


def _identity(manifest: Mapping[str, Any]) -> str:
    what = {key: manifest[key] for key in ("as_of", "definition_versions", "code", "seeds")}
    what["tables"] = {table: manifest["tables"][table]["sha256"] for table in TABLES}
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def _is_rebuild(snapshot: Snapshot) -> bool:
    query = f"select max(extracted_at) > cast(? as timestamp) from {_extract_log(snapshot)}"
    (is_rebuild,) = snapshot.connection.execute(query, [_moment(snapshot)]).fetchall()[0]
    return bool(is_rebuild)


def _write_objects(snapshot: Snapshot, folder: Path) -> Iterable[tuple[str, Path]]:
    for name, table in (("values", "metric_values"), ("evidence", "metric_evidence")):
        kept = folder / f"{name}.parquet"
        link_or_copy(snapshot.folder / snapshot.manifest["tables"][table]["file"], kept)
        yield name, kept
    # In the order of the snapshot's own files, which one thread keeps, so that nothing need be sorted again.
    queries = {
        "weights": _weights(snapshot),
        "records": _records(snapshot),
        "extracts": (
            f"select distinct file, extracted_at from {_extract_log(snapshot)} "
            f"where extracted_at <= '{_moment(snapshot)}' order by all"
        ),
    }
    for name, query in queries.items():
        file = folder / f"{name}.parquet"
        snapshot.connection.execute(f"copy ({query}) to {quoting.text(file)} (format parquet, compression zstd)")
        yield name, file


def _weights(snapshot: Snapshot) -> str:
    """Each answer that a weighted score counts, with its weight, which evidence does not hold."""
    return f"""
        select
            answers.response_id,
            strata.frame_count / nullif(strata.scored_count, 0) as weight,
            case answers.nps_class when 'promoter' then 1 when 'detractor' then -1 else 0 end as balance
        from read_parquet({snapshot.file("fct_survey_responses")}) as answers
        inner join read_parquet({snapshot.file("nps_by_stratum")}) as strata
            on answers.wave_id = strata.wave_id and coalesce(answers.stratum, '(none)') = strata.stratum
        where answers.is_scored
        order by answers.response_id
    """


def _records(snapshot: Snapshot) -> str:
    """The raw records behind the rows, each with when what it tells of happened and the file its key first came in."""
    behind = f"read_parquet({snapshot.file('metric_evidence_sources')})"
    tables = snapshot.connection.execute(
        f"select distinct source_name, table_name from {behind} order by all"
    ).fetchall()
    landed = " union all ".join(_landed(snapshot, *table) for table in tables)
    return f"""
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
        from {behind} as behind
        left join landed
            on behind.table_name = landed.table_name
            and behind.source_file = landed.source_file
            and behind.source_row = landed.source_row
    """


def _landed(snapshot: Snapshot, source_name: str, table_name: str) -> str:
    source = _source(snapshot, source_name, table_name)
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
        from {_relation(snapshot, source)}
    """


def _time(column: str) -> str:
    # The zone is not resolved: it decides between "before the earlier publish" and "since" by hours, not by days.
    return f"try_cast(left(cast({quoting.name(column)} as varchar), 19) as timestamp)"


def _extract_log(snapshot: Snapshot) -> str:
    return _relation(snapshot, _source(snapshot, "landing", "raw_extracts"))


def _source(snapshot: Snapshot, source_name: str, table_name: str) -> Mapping[str, Any]:
    for source in snapshot.sources:
        if source["source_name"] == source_name and source["name"] == table_name:
            return source
    raise WarehouseError(
        f"the dbt manifest has no source {source_name}.{table_name}, which the history needs; is it of this project?"
    )


def _relation(snapshot: Snapshot, source: Mapping[str, Any]) -> str:
    return ".".join(quoting.name(part) for part in (snapshot.raw, source["schema"], source["identifier"]))


def _moment(snapshot: Snapshot) -> str:
    return str(snapshot.manifest["as_of"]).removesuffix("Z")
