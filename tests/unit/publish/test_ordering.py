"""The order of published rows, with and without the detour over numbers."""

import duckdb
import pytest

from metrics_py.publish.ordering import FEW_VALUES, ordered

ROWS = f"""
select
    (['b', 'a', null, '', 'é', 'Z', 'a b', 'aa'])[1 + i % 8] as few,
    nullif('note-' || hash(i), 'note-' || hash(7)) as many,
    cast(null as varchar) as none,
    i % 3 as number,
    date '2026-01-01' + cast(i % 5 as integer) as day
from range({FEW_VALUES * 2}) as numbers(i)
order by hash(i)
"""


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"set preserve_insertion_order = true; create table rows as {ROWS}")
    return connection


@pytest.mark.parametrize(
    "order", [["few", "number", "many"], ["none", "day", "few", "many"], ["many"], ["number", "few", "day", "many"]]
)
def test_rows_and_types_are_those_of_a_plain_sort(connection: duckdb.DuckDBPyConnection, order: list[str]) -> None:
    by = ", ".join(f"{name} nulls last" for name in order)
    plain = connection.sql(f"select * from rows order by {by}")
    query = ordered(connection, "select * from rows", order, many_rows=1)
    assert "few_values_0" in query
    assert "few_values_1" not in query, "text of many values stays text, and a column of nulls has none to number"
    found = connection.sql(query)
    assert (found.columns, found.types) == (plain.columns, plain.types)
    assert found.fetchall() == plain.fetchall()


def test_few_rows_are_sorted_as_they_are(connection: duckdb.DuckDBPyConnection) -> None:
    query = ordered(connection, "select * from rows", ["few", "many"])
    assert "few_values" not in query
    assert connection.sql(query).fetchall() == connection.sql("from rows order by few nulls last, many").fetchall()


def test_two_tables_in_turn_each_have_their_own_numbers(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table others as select few || '!' as few from rows")
    for table in ("rows", "others"):
        query = ordered(connection, f"select few from {table}", ["few"], many_rows=1)
        plain = connection.sql(f"select few from {table} order by few nulls last").fetchall()
        assert connection.sql(query).fetchall() == plain
