"""What a publish changed: the values that are new, gone or other than in the publish before."""

import hashlib
import json
from pathlib import Path

import duckdb

from metrics_py.history.shelf import Publish
from metrics_py.publish import quoting
from metrics_py.warehouse import in_memory

KEY = ("metric_id", "reading", "org_level", "org_unit_id", "period_kind", "period_start", "period_end")
NUMBERS = ("value", "numerator", "denominator", "n")
JUDGED = ("target", "status", "definition_version")
STATED = (
    *("definition_version", "squad_id", "person_id", "value", "unit", "numerator", "denominator", "n", "ci_low"),
    *("ci_high", "target", "status", "status_reason", "matured_share", "readable_on", "value_reason"),
)
_PLACED = (
    *("metric_id", "reading", "org_level", "org_unit_id", "period_kind", "first_period_start", "last_period_start"),
    *("row_kind", "row_id", "is_in", "reason"),
)


def open_pair(old: Publish | None, new: Publish) -> duckdb.DuckDBPyConnection:
    """A connection of its own with the values, evidence, records, raw records and extracts of two publishes as views.

    The views are `old_values`, `new_values` and so on; without an old publish its views are empty.
    """
    connection = in_memory()
    # One thread: the same input gives the same bytes.
    connection.execute("set threads = 1")
    for name in ("values", "evidence", "records", "landed", "extracts"):
        connection.execute(f"create view new_{name} as {_query(new, name)}")
        connection.execute(f"create view old_{name} as {_query(old, name) if old else f'from new_{name} limit 0'}")
    return connection


def _query(publish: Publish, name: str) -> str:
    """The rows of an object; those of evidence with the weight of each answer to a weighted score."""
    if name == "landed":
        return _landed(publish)
    file = f"read_parquet({quoting.text(publish.named(name))})"
    if name != "evidence" or "weights" not in publish.facts["objects"]:
        return f"from {file}"
    return f"""
        select
            {", ".join(f"evidence.{column}" for column in _PLACED)},
            coalesce(cast(evidence.numerator as double), weights.weight * weights.balance) as numerator,
            coalesce(cast(evidence.denominator as double), weights.weight) as denominator,
            cast(evidence.amount as double) as amount,
            evidence.event_on
        from {file} as evidence
        left join read_parquet({quoting.text(publish.named("weights"))}) as weights
            on evidence.reading = 'post_stratified' and evidence.is_in and evidence.row_id = weights.response_id
    """


def _landed(publish: Publish) -> str:
    """Each raw record, with when it happened and the file that its key first came in."""
    files = ", ".join(map(quoting.text, publish.landed))
    if files:
        return f"from read_parquet([{files}])"
    records = f"read_parquet({quoting.text(publish.named('records'))})"
    return f"select distinct table_name, source_file, source_row, first_file, happened_at from {records}"


def changed_values(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `changed`: one row per value that is `new`, `removed` or `changed` in any column but as_of."""
    differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in STATED)
    columns = ", ".join(f"old.{name} as old_{name}, new.{name} as new_{name}" for name in STATED)
    connection.execute(
        f"""
        create table changed as
        select
            case when old.metric_id is null then 'new' when new.metric_id is null then 'removed' else 'changed' end
                as change,
            {", ".join(f"coalesce(new.{name}, old.{name}) as {name}" for name in KEY)},
            {columns}
        from new_values as new
        full join old_values as old on {" and ".join(f"new.{name} = old.{name}" for name in KEY)}
        where {differs} or old.metric_id is null or new.metric_id is null
        """
    )


def write_changes(old: Publish | None, new: Publish, file: Path) -> None:
    """Write what `new` changed since `old` as rows of metric_value_history; without an old publish, every value."""
    with open_pair(old, new) as connection:
        changed_values(connection)
        connection.execute(
            f"""
            copy (
                select
                    cast({new.number} as integer) as publish_number,
                    {quoting.text(new.id)} as publish_id,
                    timestamp '{new.as_of}' as as_of,
                    change,
                    {", ".join(KEY)},
                    {", ".join(f"new_{name} as {name}" for name in STATED)},
                    {quoting.text(digest(new, "code"))} as code_hash,
                    {quoting.text(digest(new, "seeds"))} as seeds_hash
                from changed
                order by {", ".join(KEY)}
            ) to {quoting.text(file)} (format parquet, compression zstd)
            """
        )


def digest(publish: Publish, what: str) -> str:
    """One short hash for the hashes of all seeds, or of all code, of a publish."""
    return hashlib.sha256(json.dumps(publish.facts[what], sort_keys=True).encode()).hexdigest()[:16]
