"""The frames that suites look at: a table's newest rows or a query's, at the instant the check looks from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from metrics_py.errors import ConfigurationError
from metrics_py.quality.suites import Suite, SuiteFile, nearest
from metrics_py.quality.tables import CheckedTable, Side, create_empty

if TYPE_CHECKING:
    import duckdb

# What queries may ask beside the tables themselves.
_ASKED = """
create or replace temp table contract_columns (
    table_label varchar, schema_name varchar, table_name varchar, column_name varchar, data_type varchar
);
create or replace temp table stated_tables (table_label varchar, row_count bigint);
"""


class Frames:
    """Turns suites of one side into queries, and tries them on tables without rows."""

    def __init__(self, file: SuiteFile, side: Side, tables: Mapping[str, CheckedTable]) -> None:
        self._file = file
        self._side = side
        self._tables = tables

    def query(self, suite: Suite, columns: tuple[str, ...] = ()) -> str:
        """The query of a suite's frame.

        Args:
            suite: the suite.
            columns: of a table, the columns wanted; none means all.
        Raises: ConfigurationError when the suite names an unknown table or its Jinja cannot be read.
        """
        if suite.table is not None:
            return self._newest(self._table(suite.table), columns)
        from jinja2 import TemplateError

        try:
            template = self._environment.from_string(f"{self._file.macros}\n{suite.sql}")
            return str(template.render(tables=list(self._tables.values()))).strip()
        except TemplateError as error:
            raise ConfigurationError(f"the query of suite {suite.name} cannot be made: {error}") from None

    def columns(self, suite: Suite) -> list[str]:
        """Columns of a suite's frame, as its query gives them on empty tables of the contract.

        Raises: ConfigurationError when the query does not fit the contract.
        """
        import duckdb

        try:
            described = self._twin.sql(f"select * from ({self.query(suite)}) limit 0")
        except duckdb.Error as error:
            text = " ".join(str(error).partition("\n\nLINE")[0].split())
            raise ConfigurationError(f"the query of suite {suite.name} does not fit the tables: {text}") from None
        return list(described.columns)

    def prepare(self, connection: duckdb.DuckDBPyConnection, as_of: datetime, stated_rows: Mapping[str, int]) -> None:
        """Tell a connection what queries may ask.

        That is `getvariable('as_of')`, the instant to look from; `contract_columns`, what the contracts promise; and
        `stated_tables`, the rows that the manifest of a snapshot says each table holds.
        """
        connection.execute(f"set variable as_of = timestamp '{as_of.replace(tzinfo=None).isoformat()}'")
        connection.execute(_ASKED)
        connection.executemany("insert into contract_columns values (?, ?, ?, ?, ?)", self._contract_columns)
        if stated_rows:
            connection.executemany("insert into stated_tables values (?, ?)", list(stated_rows.items()))

    def _newest(self, table: CheckedTable, columns: tuple[str, ...]) -> str:
        chosen = ", ".join(f'"{column}"' for column in columns) or "*"
        if not table.is_landed:
            return f"select {chosen} from {table.relation}"
        key = ", ".join(f'"{column}"' for column in table.key)
        return (
            f"select {chosen} from {table.relation} where _extracted_at <= getvariable('as_of') "
            f"qualify row_number() over (partition by {key} "
            "order by _extracted_at desc, _source_file desc, _source_row desc) = 1"
        )

    def _table(self, label: str) -> CheckedTable:
        if label not in self._tables:
            raise ConfigurationError(f"there is no {self._side} table {label}; {nearest(label, self._tables)}")
        return self._tables[label]

    @cached_property
    def _environment(self) -> Any:
        from jinja2 import Environment, StrictUndefined

        environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
        environment.globals["newest"] = lambda label: f"({self._newest(self._table(label), ())})"
        return environment

    @cached_property
    def _contract_columns(self) -> list[tuple[str, str, str, str, str]]:
        found = self._twin.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() "
            "where not internal and database_name = current_database() order by all"
        ).fetchall()
        labels = {(table.schema, table.name): label for label, table in self._tables.items()}
        return [(labels[row[:2]], *row) for row in found if row[:2] in labels]

    @cached_property
    def _twin(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        twin = duckdb.connect()
        create_empty(twin, self._tables.values())
        twin.execute("set variable as_of = timestamp '2000-01-01'")
        twin.execute(_ASKED)
        return twin
