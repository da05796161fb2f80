"""The log of extracts: what has landed, in one checksum."""

from datetime import datetime

import duckdb


def checksum(
    connection: duckdb.DuckDBPyConnection, log: str, *, until: datetime | None = None
) -> tuple[datetime | None, str]:
    """Time of the newest extract, null without any, and a checksum of what the log says, up to an instant.

    Args:
        connection: to the raw layer.
        log: `raw.raw_extracts`, as SQL names it.
        until: the newest extract to take into account (naive, UTC); None for all.
    """
    where, values = ("where extracted_at <= ?", [until]) if until else ("", [])
    newest, digest = connection.execute(
        f"""
        select
            max(extracted_at),
            md5(coalesce(string_agg(
                concat_ws('|', source, table_name, file, content_hash, extracted_at, is_full), chr(10)
                order by source, table_name, file, content_hash, extracted_at
            ), ''))
        from {log} {where}
        """,
        values,
    ).fetchall()[0]
    return newest, str(digest)
