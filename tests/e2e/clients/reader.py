"""One client reading a snapshot over and over; runs in the client's own interpreter, so it needs nothing of ours.

`python reader.py CLIENT PUBLISHED READS TABLE:COLUMN TABLE:COLUMN` reads both tables at least READS times, each time
anew and until it has seen two snapshots, and prints what it saw as JSON: `seen` counts the reads by distinct markers
and row count of each table, `failed` holds the errors, and `repeated` the reads begun again because the files were
retired in the middle of one.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

Marked = tuple[list[str], int]
"""Distinct values of the marker column, and rows."""


def marker_query(table: str, column: str) -> str:
    return f"select cast({column} as varchar), count(*) from {table} group by 1 order by 1"


def gathered(rows: list[tuple[str, int]]) -> Marked:
    return [marker for marker, _ in rows], sum(count for _, count in rows)


def with_duckdb(published: Path, tables: list[tuple[str, str]]) -> list[Marked]:
    import duckdb

    with duckdb.connect(str(published / "product_metrics.duckdb"), read_only=True) as connection:
        return [gathered(connection.execute(marker_query(*table)).fetchall()) for table in tables]


def with_adbc(published: Path, tables: list[tuple[str, str]]) -> list[Marked]:
    from adbc_driver_duckdb import driver_path
    from adbc_driver_manager import dbapi

    options = {"path": str(published / "product_metrics.duckdb"), "access_mode": "READ_ONLY"}
    with (
        dbapi.connect(driver_path(), entrypoint="duckdb_adbc_init", db_kwargs=options, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        answers = []
        for table in tables:
            cursor.execute(marker_query(*table))
            answers.append(gathered(cursor.fetchall()))
        return answers


def with_sqlalchemy(published: Path, tables: list[tuple[str, str]]) -> list[Marked]:
    import sqlalchemy

    url = f"duckdb:///{published / 'product_metrics.duckdb'}"
    # No pool: a kept connection goes on reading the snapshot it opened.
    engine = sqlalchemy.create_engine(url, connect_args={"read_only": True}, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        return [
            gathered([tuple(row) for row in connection.execute(sqlalchemy.text(marker_query(*table)))])
            for table in tables
        ]


def with_pandas(published: Path, tables: list[tuple[str, str]]) -> list[Marked]:
    import pandas

    folder = (published / "current").resolve()
    frames = [(pandas.read_parquet(folder / "parquet" / f"{name(table)}.parquet"), column) for table, column in tables]
    return [(sorted(frame[column].astype(str).unique()), len(frame)) for frame, column in frames]


def with_polars(published: Path, tables: list[tuple[str, str]]) -> list[Marked]:
    import polars

    folder = (published / "current").resolve()
    frames = [(polars.read_parquet(folder / "parquet" / f"{name(table)}.parquet"), column) for table, column in tables]
    # Through Python's own text, since a cast writes a timestamp otherwise than every other client does.
    return [(sorted(map(str, frame[column].unique())), frame.height) for frame, column in frames]


def name(table: str) -> str:
    return table.split(".")[1]


CLIENTS: dict[str, Callable[[Path, list[tuple[str, str]]], list[Marked]]] = {
    "duckdb-1.4": with_duckdb,
    "adbc": with_adbc,
    "sqlalchemy": with_sqlalchemy,
    "pandas": with_pandas,
    "polars": with_polars,
}


def main() -> None:
    client, published, reads, *tables = sys.argv[1:]
    read = CLIENTS[client]
    pairs = [(table, column) for table, column in (text.split(":") for text in tables)]
    seen: Counter[str] = Counter()
    failed: list[str] = []
    repeated = 0
    # Twenty times as often at most, should nothing be published.
    while (done := sum(seen.values()) + len(failed)) < int(reads) or (len(seen) < 2 and done < 20 * int(reads)):
        before = (Path(published) / "current").resolve()
        try:
            answer = read(Path(published), pairs)
        except Exception as error:
            if not before.exists():
                repeated += 1
            else:
                failed.append(f"{type(error).__name__}: {error}")
        else:
            seen[json.dumps(answer)] += 1
    print(json.dumps({"seen": seen, "failed": failed, "repeated": repeated}))


if __name__ == "__main__":
    main()
