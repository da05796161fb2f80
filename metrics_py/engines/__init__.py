"""Where the models are computed: in the embedded DuckDB, or in an engine that holds the company's data already.

Landing is DuckDB's everywhere: files are read, checked and quarantined into the landing store, a local DuckDB file.
Another engine gets the landed rows from there, runs the same SQL models by dbt, and the Python models run beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from metrics_py.errors import ConfigurationError

if TYPE_CHECKING:
    import polars as pl

    from metrics_py.console import Step

TARGETS = ("duckdb", "postgres", "spark")


class Tables(Protocol):
    """Tables read and written whole, as polars frames: a `Warehouse` file, or an engine."""

    def read(self, name: str, *, where: str | None = None) -> pl.DataFrame:
        """The table or view `schema.name` as a frame, in no promised order, with the types DuckDB would give it.

        Args:
            name: schema and table.
            where: a condition in the engine's SQL.

        Raises:
            WarehouseError: the engine has no such table.
        """

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Replace the table `schema.name` with the rows of a frame, in one step; the schema is made when missing."""


class Engine(Tables, Protocol):
    """An engine that is not the embedded DuckDB: `dbt` runs its SQL models in it, this program does the rest."""

    @property
    def target(self) -> str:
        """Name of the output in profiles.yml."""

    @property
    def settings(self) -> Mapping[str, str]:
        """Environment variables that the output in profiles.yml reads."""

    def load_raw(self, store: Path, progress: Step) -> None:
        """Bring the raw layer of a landing store up to date in the engine, readers seeing all of it or nothing.

        The engine gets, under the same schemas and names, each raw table, its `__presence` as a table and
        `raw_extracts` and `raw_quarantine`. Tables whose landing has not changed since the last load are left alone.

        Args:
            store: the DuckDB file that extracts were landed in.
            progress: called after each table: tables done, tables in all, the table.
        """

    def parts(self, name: str, *, where: str | None = None) -> Iterator[pl.DataFrame]:
        """The same as `read` in frames of some megabytes, for tables that memory may not hold.

        There is at least one, which may be empty. To be read to the end, or closed.
        """

    def keep(self, name: str, query: str) -> None:
        """Replace the table `schema.name` with the rows of a query in the engine's SQL; the schema is made."""

    def drop_schema(self, schema: str) -> None:
        """Remove a schema with all that is in it; nothing happens where there is none."""

    def close(self) -> None:
        """Let go of the engine."""


def open_engine(target: str, project: Path) -> Engine:
    """The engine behind a target of profiles.yml other than `duckdb`, whose tables `Warehouse` opens.

    Raises:
        ConfigurationError: there is no such target, or what it needs is not installed.
        WarehouseError: the engine cannot be reached.
    """
    try:
        if target == "postgres":
            from metrics_py.engines.postgres import Postgres

            return Postgres()
        if target == "spark":
            from metrics_py.engines.spark import Spark

            spark: Engine = Spark(project)
            return spark
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the target {target} needs {error.name}, which is not installed; pip install 'metrics-py[{target}]'"
        ) from error
    raise ConfigurationError(f"no target {target!r}; there are {', '.join(TARGETS)}")
