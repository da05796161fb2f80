"""Sightings: which content of a key was seen in which extract, kept as runs of consecutive extracts.

Landing an extract adds its time and its sightings. What is stored is always the same function of the sightings, so
the order of landing leaves no trace. `arrived` holds the good rows of `incoming` with their extract time: `_row_key`,
`_row_hash`, `extracted_at`.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from metrics_py.land.contract import Table


def append(
    connection: duckdb.DuckDBPyConnection, table: Table, times: Sequence[datetime], newest: datetime | None
) -> None:
    """Add full extracts that are newer than all landed before.

    Args:
        connection: in a transaction; `arrived` holds the rows of the extracts.
        table: the table.
        times: the extracts' times, ascending.
        newest: the newest extract landed before, if any.
    """
    runs, last = table.runs, times[-1]
    if len(times) == 1:
        connection.execute(
            "create or replace temp table stretches as "
            "select _row_key, _row_hash, extracted_at as first_seen, extracted_at as last_seen from arrived"
        )
    else:
        listed = ", ".join(f"('{time}'::timestamp, {number})" for number, time in enumerate(times))
        connection.execute(
            "create or replace temp table stretches as "
            "select _row_key, _row_hash, min(extracted_at) as first_seen, max(extracted_at) as last_seen from ("
            "select *, number - row_number() over (partition by _row_hash order by number) as stretch from arrived "
            f"inner join (values {listed}) as times(extracted_at, number) using (extracted_at)) "
            "group by _row_key, _row_hash, stretch"
        )
    if newest is None:
        connection.execute(
            f"insert into {runs} select _row_key, _row_hash, first_seen, "
            f"nullif(last_seen, '{last}'::timestamp) from stretches order by first_seen, _row_key"
        )
        return
    connection.execute(
        "create or replace temp table beginnings as select * from stretches as stretch where not "
        f"(first_seen = '{times[0]}'::timestamp and exists (select 1 from {runs} as runs "
        "where runs.last_seen is null and runs._row_hash = stretch._row_hash))"
    )
    if len(times) > 1:
        connection.execute(
            f"update {runs} as runs set last_seen = stretch.last_seen from stretches as stretch "
            f"where runs.last_seen is null and runs._row_hash = stretch._row_hash "
            f"and stretch.first_seen = '{times[0]}'::timestamp and stretch.last_seen < '{last}'::timestamp"
        )
    connection.execute(
        f"update {runs} as runs set last_seen = '{newest}'::timestamp where last_seen is null and not exists ("
        "select 1 from stretches as stretch where stretch._row_hash = runs._row_hash "
        f"and stretch.first_seen = '{times[0]}'::timestamp)"
    )
    connection.execute(
        f"insert into {runs} select _row_key, _row_hash, first_seen, nullif(last_seen, '{last}'::timestamp) "
        "from beginnings order by first_seen, _row_key"
    )


def insert(connection: duckdb.DuckDBPyConnection, table: Table, time: datetime, landed: Sequence[datetime]) -> None:
    """Add a full extract, or a part of one, that is not newer than all landed before.

    Args:
        connection: in a transaction; `arrived` holds its rows.
        table: the table.
        time: its time.
        landed: the times of the extracts landed before, ascending; may hold `time`.
    """
    before = max((other for other in landed if other < time), default=None)
    after = min((other for other in landed if other > time), default=None)
    runs, now = table.runs, _moment(time)
    spans = _spans(time, landed)
    if time not in landed:
        withdraw(connection, table, time, landed, "_row_hash not in (select _row_hash from arrived)")
    connection.execute(
        "create or replace temp table beginnings as "
        "select distinct _row_key, _row_hash from arrived "
        f"where _row_hash not in (select _row_hash from {runs} where {spans})"
    )
    touches = (
        f"(last_seen = {_moment(before)} or first_seen = {_moment(after)}) "
        "and _row_hash in (select _row_hash from beginnings)"
    )
    is_left, is_right = f"runs.first_seen < {now}", f"runs.first_seen > {now}"
    alone = "null::timestamp" if after is None else now
    connection.execute(
        "create or replace temp table merged as select beginnings._row_key, beginnings._row_hash, "
        f"coalesce(min(runs.first_seen) filter (where {is_left}), {now}) as first_seen, "
        f"case when count(*) filter (where {is_right}) = 0 then {alone} "
        f"else max(runs.last_seen) filter (where {is_right}) end as last_seen "
        f"from beginnings left join (select * from {runs} where {touches}) as runs using (_row_hash) "
        "group by beginnings._row_key, beginnings._row_hash"
    )
    connection.execute(f"delete from {runs} where {touches}")
    connection.execute(f"insert into {runs} select * from merged order by _row_key")


def withdraw(
    connection: duckdb.DuckDBPyConnection, table: Table, time: datetime, landed: Sequence[datetime], which: str
) -> None:
    """Take the sightings at `time` out of the runs that span it and satisfy the SQL condition `which`."""
    before = max((other for other in landed if other < time), default=None)
    after = min((other for other in landed if other > time), default=None)
    runs, chosen = table.runs, f"{_spans(time, landed)} and {which}"
    connection.execute(f"create or replace temp table cut as select * from {runs} where {chosen}")
    connection.execute(f"delete from {runs} where {chosen}")
    if before is not None:
        connection.execute(
            f"insert into {runs} select _row_key, _row_hash, first_seen, {_moment(before)} from cut "
            f"where first_seen < {_moment(time)}"
        )
    if after is not None:
        connection.execute(
            f"insert into {runs} select _row_key, _row_hash, {_moment(after)}, last_seen from cut "
            f"where last_seen is null or last_seen > {_moment(time)}"
        )


def log(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Add the sightings of incremental extracts: each stands for itself."""
    connection.execute(
        f"insert into {table.runs} select distinct _row_key, _row_hash, extracted_at, extracted_at from arrived "
        f"where (_row_hash, extracted_at) not in (select (_row_hash, first_seen) from {table.runs} "
        "where first_seen between (select min(extracted_at) from arrived) and (select max(extracted_at) from arrived)) "
        "order by extracted_at, _row_key"
    )


def _spans(time: datetime, landed: Sequence[datetime]) -> str:
    return f"first_seen <= {_moment(time)} and coalesce(last_seen, {_moment(landed[-1])}) >= {_moment(time)}"


def _moment(time: datetime | None) -> str:
    return "null::timestamp" if time is None else f"'{time}'::timestamp"
