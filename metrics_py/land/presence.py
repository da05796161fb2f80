"""Presence: from when until when each version of a row stood, as a view over its sightings.

What an extract says about a key is one of: this content; gone (a complete full extract without it); nothing (an
incremental extract without it, a full one with a gap, or a record of that key which could not be landed). Sightings of
the same content with nothing but silence between them are one interval, so presence depends only on which extracts
landed, never on their order.
"""

from metrics_py.land.contract import Table


def presence_view(table: Table, *, has_silence: bool) -> str:
    """Statement that makes the presence view of a table.

    Columns: _row_key, _row_hash, first_seen_extract, last_seen_extract (a quarantined record of a key carries what
    stood before it on), previous_extract (the last extract before the first that proves the row was not yet so).

    Args:
        table: the table.
        has_silence: whether some full extract was silent about some key. The view that allows for it is right for all
            full tables, but takes longer to plan than most tables take to read.
    """
    if not table.is_full:
        return _of_log(table)
    return _with_silence(table) if has_silence else _without_silence(table)


def _without_silence(table: Table) -> str:
    return f"""
create or replace view {table.presence} as
with
times as (
    select extracted_at, lag(extracted_at) over (order by extracted_at) as extracted_before
    from (
        select distinct extracted_at from raw.raw_extracts
        where source = '{table.source}' and table_name = '{table.name}'
    ) as extracts
)
select
    runs._row_key,
    runs._row_hash,
    runs.first_seen as first_seen_extract,
    coalesce(runs.last_seen, (select max(extracted_at) from times)) as last_seen_extract,
    times.extracted_before as previous_extract
from {table.runs} as runs
inner join times on runs.first_seen = times.extracted_at
"""


def _of_log(table: Table) -> str:
    return f"""
create or replace view {table.presence} as
with
neighbours as (
    select
        *,
        lag(_row_hash) over following as before_hash,
        lag(last_seen) over following as before_last
    from {table.runs}
    window following as (partition by _row_key order by first_seen)
),
numbered as (
    select
        *,
        sum(cast(before_hash is distinct from _row_hash as bigint))
            over (partition by _row_key order by first_seen) as interval_number
    from neighbours
)
select
    _row_key,
    any_value(_row_hash) as _row_hash,
    min(first_seen) as first_seen_extract,
    max(last_seen) as last_seen_extract,
    min(before_last) filter (where before_hash is distinct from _row_hash) as previous_extract
from numbered
group by _row_key, interval_number
"""


def _with_silence(table: Table) -> str:
    mine = f"source = '{table.source}' and table_name = '{table.name}'"
    return f"""
create or replace view {table.presence} as
with
extracts as (
    select extracted_at, bool_and(is_full) as is_complete
    from raw.raw_extracts where {mine} group by extracted_at
),
times as (
    select
        extracted_at,
        is_complete,
        count(*) filter (where is_complete) over (order by extracted_at) as complete_through,
        max(extracted_at) filter (where is_complete)
            over (order by extracted_at rows between unbounded preceding and 1 preceding) as complete_before
    from extracts
),
unread as (
    select distinct unread_keys._row_key, unread_keys.extracted_at, times.is_complete
    from raw.unread_keys inner join times using (extracted_at) where {mine}
),
sightings as (
    select
        _row_key,
        _row_hash,
        first_seen,
        coalesce(last_seen, (select max(extracted_at) from extracts)) as last_seen
    from {table.runs}
),
-- Where every extract is complete, a run is an interval; the rest is for the keys that an extract was silent about.
is_silent as (
    select coalesce(not bool_and(is_complete), false) as anywhere from times
),
plain as (
    select
        sightings._row_key,
        sightings._row_hash,
        sightings.first_seen as first_seen_extract,
        sightings.last_seen as last_seen_extract,
        times.complete_before as previous_extract
    from sightings
    inner join times on sightings.first_seen = times.extracted_at
    where
        not (select anywhere from is_silent)
        and sightings._row_key not in (select _row_key from unread)
),
neighbours as (
    select
        *,
        lag(_row_hash) over following as before_hash,
        lag(last_seen) over following as before_last,
        lead(first_seen) over following as next_first
    from sightings
    where (select anywhere from is_silent) or _row_key in (select _row_key from unread)
    window following as (partition by _row_key order by first_seen)
),
-- Complete extracts strictly before the first sighting, through the last one, and through the one before.
counted as (
    select
        neighbours.*,
        times_first.complete_before,
        coalesce(times_first.complete_through - cast(times_first.is_complete as bigint), 0) as complete_to_first,
        coalesce(times_last.complete_through, 0) as complete_to_last,
        coalesce(times_before.complete_through, 0) as complete_to_before
    from neighbours
    left join times as times_first on neighbours.first_seen = times_first.extracted_at
    left join times as times_last on neighbours.last_seen = times_last.extracted_at
    left join times as times_before on neighbours.before_last = times_before.extracted_at
),
silent_before as (
    select
        counted._row_key,
        counted.first_seen,
        count(*) filter (where unread.is_complete) as unread_count
    from counted
    inner join unread
        on counted._row_key = unread._row_key
        and unread.extracted_at < counted.first_seen
        and (counted.before_last is null or unread.extracted_at > counted.before_last)
    group by counted._row_key, counted.first_seen
),
-- The newest complete extract before the first sighting in which the key was not unreadable.
proof_before as (
    select counted._row_key, counted.first_seen, max(times.extracted_at) as extracted_at
    from counted
    inner join silent_before using (_row_key, first_seen)
    inner join times
        on times.is_complete
        and times.extracted_at < counted.first_seen
        and (counted.before_last is null or times.extracted_at > counted.before_last)
    left join unread on counted._row_key = unread._row_key and times.extracted_at = unread.extracted_at
    where unread._row_key is null
    group by counted._row_key, counted.first_seen
),
-- Unreadable records after the last sighting carry it on until the key is seen again or proved gone.
carried as (
    select _row_key, first_seen, max(extracted_at) as extracted_at
    from (
        select
            counted._row_key,
            counted.first_seen,
            counted.complete_to_last,
            unread.extracted_at,
            times.complete_through - cast(times.is_complete as bigint) as complete_to_unread,
            coalesce(sum(cast(unread.is_complete as bigint)) over (
                partition by counted._row_key, counted.first_seen
                order by unread.extracted_at rows between unbounded preceding and 1 preceding
            ), 0) as unread_since
        from counted
        inner join unread
            on counted._row_key = unread._row_key
            and unread.extracted_at > counted.last_seen
            and (counted.next_first is null or unread.extracted_at < counted.next_first)
        inner join times on unread.extracted_at = times.extracted_at
    ) as unread_after
    where complete_to_unread - complete_to_last - unread_since = 0
    group by _row_key, first_seen
),
judged as (
    select
        counted._row_key,
        counted._row_hash,
        counted.first_seen,
        coalesce(carried.extracted_at, counted.last_seen) as last_seen,
        case
            when silent_before.unread_count is not null then coalesce(proof_before.extracted_at, counted.before_last)
            else greatest(counted.complete_before, counted.before_last)
        end as previous_extract,
        cast(
            counted.before_hash is distinct from counted._row_hash
            or counted.complete_to_first - counted.complete_to_before - coalesce(silent_before.unread_count, 0) > 0
        as bigint) as is_start
    from counted
    left join silent_before using (_row_key, first_seen)
    left join proof_before using (_row_key, first_seen)
    left join carried using (_row_key, first_seen)
),
numbered as (
    select *, sum(is_start) over (partition by _row_key order by first_seen) as interval_number from judged
)
select * from plain
union all
select
    _row_key,
    any_value(_row_hash) as _row_hash,
    min(first_seen) as first_seen_extract,
    max(last_seen) as last_seen_extract,
    arg_min_null(previous_extract, first_seen) as previous_extract
from numbered
group by _row_key, interval_number
"""
