"""Duplicates: of several records of one key in one extract one stands, the others are rejected by name.

The newest `updated` column stands, else the last record; between files, the last by name. A record that repeats
another file's content is no duplicate, it is unchanged.
"""

from datetime import datetime

import duckdb

from metrics_py.land.contract import Table
from metrics_py.land.typing import quoted


def reject_within(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Leave one record per key and extract time in `arrived`; the others go to `rejected`."""
    twice = connection.execute(
        "select 1 from arrived group by _row_key, extracted_at having count(*) > 1 limit 1"
    ).fetchone()
    if twice is None:
        return
    newest = "order by updated_rank desc nulls last, line desc"
    connection.execute(
        "create or replace temp table ranked as select *, "
        "first_value(line) over standing as standing_line, first_value(file) over standing as standing_file, "
        "first_value(_row_hash) over standing as standing_hash, row_number() over standing as standing_rank from ("
        "select *, first_value(line) over in_file as file_line, row_number() over in_file as file_rank from arrived "
        f"window in_file as (partition by _row_key, extracted_at, file_no {newest})"
        ") window standing as (partition by _row_key, extracted_at order by file_rank > 1, "
        "updated_rank desc nulls last, file desc, line desc)"
    )
    same = f"(same {', '.join(table.key)})"
    connection.execute(
        "insert into rejected select file_no, line, null, null, "
        f"case when file_rank > 1 then 'duplicate of line ' || file_line || ' {same}' "
        f"else 'duplicate of line ' || standing_line || ' in ' || standing_file || ' {same}' end, null, true "
        "from ranked where file_rank > 1 or (standing_rank > 1 and _row_hash <> standing_hash)"
    )
    connection.execute(
        "delete from arrived where (file_no, line) in (select (file_no, line) from ranked where standing_rank > 1)"
    )


def reject_across(connection: duckdb.DuckDBPyConnection, table: Table, time: datetime | None) -> int:
    """Settle keys of which another content was landed for the same extract before.

    Records that lose leave `arrived` for `rejected`. Landed ones that lose are listed in the temporary table `ousted`
    (_row_key, _row_hash, extracted_at, file, line).

    Args:
        connection: has `arrived`.
        table: the table.
        time: the time of the full extract; null for incremental ones, whose rows carry their own.

    Returns: how many landed records lose.
    """
    if time is None:
        standing = (
            f"arrived inner join {table.runs} as runs on arrived._row_key = runs._row_key "
            "and arrived.extracted_at = runs.first_seen"
        )
    else:
        standing = (
            f"arrived inner join {table.runs} as runs on arrived._row_key = runs._row_key "
            "and arrived.extracted_at >= runs.first_seen "
            "and (runs.last_seen is null or arrived.extracted_at <= runs.last_seen)"
        )
    updated = f"coalesce(rtrim(cast(\"{table.updated}\" as varchar), 'Z'), '')" if table.updated else "''"
    parts = (
        f"select extracted_at, count(*) as part_count, max(file) as last_file from raw.raw_extracts "
        f"where source = {quoted(table.source)} and table_name = {quoted(table.name)} group by extracted_at"
    )
    connection.execute(
        "create or replace temp table contested as select arrived.file_no, arrived.line, arrived._row_key, "
        "arrived.extracted_at, runs._row_hash as landed_hash, "
        "coalesce(own.file, parts.last_file, '') as landed_file, "
        "case when own.file is not null then raw_rows._source_row end as landed_line, "
        "(coalesce(arrived.updated_rank, ''), arrived.file, arrived._row_hash) > "
        f"(raw_rows.updated_rank, coalesce(own.file, parts.last_file, ''), runs._row_hash) as is_new "
        f"from {standing} and arrived._row_hash <> runs._row_hash "
        f"inner join (select _row_hash, _source_file, _source_row, {updated} as updated_rank from {table.raw}) "
        "as raw_rows on runs._row_hash = raw_rows._row_hash "
        f"left join ({parts}) as parts on arrived.extracted_at = parts.extracted_at "
        f"left join raw.raw_extracts as own on own.source = {quoted(table.source)} "
        f"and own.table_name = {quoted(table.name)} and own.file = raw_rows._source_file "
        "and own.extracted_at = arrived.extracted_at"
    )
    same = f"(same {', '.join(table.key)})"
    connection.execute(
        "insert into rejected select file_no, line, null, null, "
        "'duplicate of ' || coalesce('line ' || landed_line, 'a record') || ' in ' || landed_file || "
        f"' {same}', null, true from contested where not is_new"
    )
    connection.execute(
        "delete from arrived where (file_no, line) in (select (file_no, line) from contested where not is_new)"
    )
    connection.execute(
        "create or replace temp table ousted as select contested._row_key, landed_hash as _row_hash, "
        "contested.extracted_at, landed_file as file, landed_line as line, "
        f"'duplicate of line ' || contested.line || ' in ' || arrived.file || ' {same}' as reason "
        "from contested inner join arrived using (file_no, line) where is_new"
    )
    row = connection.execute("select count(*) from ousted").fetchone()
    return int(row[0]) if row else 0
