"""Sorting a large table: text of few different values goes through the sort as numbers, which take far less room."""

from collections.abc import Mapping, Sequence

import duckdb

from metrics_py.publish import quoting

# Below this there is nothing to gain.
MANY_ROWS = 1_000_000
# What two bytes can number.
FEW_VALUES = 65_535


def ordered(
    connection: duckdb.DuckDBPyConnection, query: str, order: Sequence[str], *, many_rows: int = MANY_ROWS
) -> str:
    """A query for the rows of another one by some of its columns, nulls last and text by its bytes.

    It may need types that are made in the connection, so it holds as long as that does.

    Args:
        connection: to what the query reads.
        query: the rows, in whatever order.
        order: names of columns.
        many_rows: rows from which on a detour is worth while.
    """
    by = ", ".join(f"{quoting.name(name)} nulls last" for name in order)
    types = _numbered(connection, query, many_rows)
    if not types:
        return f"select * from ({query}) order by {by}"
    numbers = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in types.items())
    texts = ", ".join(f"cast({column} as varchar) as {column}" for column in types)
    sorted_rows = f"select * replace ({numbers}) from ({query}) order by {by}"
    return f"select * replace ({texts}) from ({sorted_rows})"


def _numbered(connection: duckdb.DuckDBPyConnection, query: str, many_rows: int) -> Mapping[str, str]:
    """Types that number the values of the text columns which have few, each in its order, by quoted column."""
    (rows,) = connection.execute(f"select count(*) from ({query})").fetchall()[0]
    if rows < many_rows:
        return {}
    described = connection.execute(f"describe {query}").fetchall()
    texts = [quoting.name(name) for name, data_type, *_ in described if data_type == "VARCHAR"]
    if not texts:
        return {}
    counts = ", ".join(f"approx_count_distinct({column})" for column in texts)
    values = connection.execute(f"select {counts} from ({query})").fetchall()[0]
    few = [column for column, count in zip(texts, values, strict=True) if 0 < count <= FEW_VALUES]
    types = {column: f"few_values_{number}" for number, column in enumerate(few)}
    for column, kind in types.items():
        connection.execute(
            f"create or replace temp type {kind} as enum "
            f"(select distinct {column} from ({query}) where {column} is not null order by {column})"
        )
    return types
