"""Appending a publish to the history: its values, the rows behind them, and what changed since the publish before."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from metrics_py.errors import WarehouseError
from metrics_py.files import link_or_copy
from metrics_py.history.changes import write_changes
from metrics_py.history.landed import Landed, RawLayer
from metrics_py.history.ledger import write_restatements
from metrics_py.history.shelf import CHANGES, RESTATEMENTS, History, Publish
from metrics_py.publish import quoting

FORMAT = 3
TABLES = ("metric_values", "metric_evidence", "metric_evidence_sources", "nps_by_stratum", "fct_survey_responses")


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that is about to be published: its manifest, its files and the warehouse it was copied from."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    manifest: Mapping[str, Any]
    raw: RawLayer
    landed: Landed
    """What `write_landed` made of it."""

    def file(self, table: str) -> str:
        """The Parquet file of a table, as text in SQL."""
        return quoting.text(self.folder / self.manifest["tables"][table]["file"])


def require_tables(names: Iterable[str]) -> None:
    """Refuse to publish without a table that the history keeps.

    Raises: WarehouseError naming those that are missing.
    """
    missing = sorted({*TABLES} - {*names})
    if missing:
        raise WarehouseError(
            f"the snapshot lacks {', '.join(missing)}, which the history keeps; build the whole project"
        )


def record(history: History, snapshot: Snapshot) -> Publish:
    """Append a snapshot; what was published last, or a rebuild that is there already, is appended no second time.

    A snapshot that looks from before the newest landed extract is a rebuild: it is kept to compare with, and is no
    publish.

    Raises: WarehouseError when the raw layer is not there.
    """
    identity = _identity(snapshot.manifest)
    is_rebuild = _is_rebuild(snapshot)
    with history.appending() as folder:
        publishes = history.publishes()
        last = next(reversed(publishes), None)
        same = [entry for entry in [*history.rebuilds(), *publishes] if entry.id == identity]
        if same and (is_rebuild or same[-1] == last):
            return same[-1]
        facts = {
            "format": FORMAT,
            "id": identity,
            "number": None if is_rebuild else len(publishes) + 1,
            "landed": snapshot.landed.facts,
            "objects": {name: history.keep(file) for name, file in _write_objects(snapshot, folder)}
            | {"landed": _keep_landed(history, snapshot.landed, folder)},
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
    query = f"select max(extracted_at) > cast(? as timestamp) from {snapshot.raw.log}"
    (is_rebuild,) = snapshot.connection.execute(query, [_moment(snapshot)]).fetchall()[0]
    return bool(is_rebuild)


def _keep_landed(history: History, landed: Landed, folder: Path) -> Sequence[str]:
    if not landed.rows and landed.known:
        return landed.known
    kept = folder / "landed.parquet"
    link_or_copy(landed.file, kept)
    return [*landed.known, history.keep(kept)]


def _write_objects(snapshot: Snapshot, folder: Path) -> Iterable[tuple[str, Path]]:
    tables = {"values": "metric_values", "evidence": "metric_evidence", "records": "metric_evidence_sources"}
    for name, table in tables.items():
        kept = folder / f"{name}.parquet"
        link_or_copy(snapshot.folder / snapshot.manifest["tables"][table]["file"], kept)
        yield name, kept
    queries = {
        "weights": _weights(snapshot),
        "extracts": (
            f"select distinct file, extracted_at from {snapshot.raw.log} "
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


def _moment(snapshot: Snapshot) -> str:
    return str(snapshot.manifest["as_of"]).removesuffix("Z")
