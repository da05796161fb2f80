"""Running the project's Python models beside an engine whose dbt adapter cannot.

A model is the file dbt would run, unchanged: `model(dbt, session)`, where `dbt.ref(name).pl()` gives a polars frame.
Only what the model refers to is read, and it refers to summaries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metrics_py.errors import ConfigurationError, WarehouseError

if TYPE_CHECKING:
    import polars as pl

    from metrics_py.engines import Tables


def run_python_model(node: Mapping[str, Any], manifest: Mapping[str, Any], *, project: Path, tables: Tables) -> None:
    """Run one Python model and write its rows as the table that dbt would have made.

    Args:
        node: the model's node of the manifest.
        manifest: dbt's manifest, which says where the tables are that the model refers to.
        project: folder of dbt_project.yml.
        tables: where they are read and the result is written.

    Raises:
        WarehouseError: the model failed, or did not give a polars frame; the message names its file.
        ConfigurationError: the model refers to something the manifest does not list for it.
    """
    import polars as pl

    path = str(node["original_file_path"])
    model = _function(project / path)
    relations = {
        str(parent["name"]): f"{parent['schema']}.{parent['alias']}"
        for parent in (manifest["nodes"][identifier] for identifier in node["depends_on"]["nodes"])
    }
    try:
        result = model(DbtObject(str(node["name"]), relations, tables), None)
    except (ConfigurationError, WarehouseError):
        raise
    except Exception as error:  # the model's own code: whatever it raises is told with its file
        raise WarehouseError(f"{path}: {node['name']} failed: {type(error).__name__}: {error}") from error
    if not isinstance(result, pl.DataFrame):
        raise WarehouseError(f"{path}: must return a polars frame; returned {type(result).__name__}")
    tables.write(f"{node['schema']}.{node['alias']}", result)


class Reference:
    """A table that a model refers to, read when it is asked for."""

    def __init__(self, relation: str, tables: Tables) -> None:
        self._relation = relation
        self._tables = tables

    def pl(self) -> pl.DataFrame:
        """All its rows as a polars frame."""
        return self._tables.read(self._relation)


class Config:
    """What a model configures: called it sets, `get` reads; the manifest has it all already."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def __call__(self, **values: Any) -> None:
        """Set values."""
        self._values.update(values)

    def get(self, name: str, default: Any = None) -> Any:
        """A value set before, else the default."""
        return self._values.get(name, default)


class DbtObject:
    """The `dbt` that a Python model gets: `ref` and `config`, as under the adapter for DuckDB."""

    def __init__(self, name: str, relations: Mapping[str, str], tables: Tables) -> None:
        self._name = name
        self._relations = relations
        self._tables = tables
        self.config = Config()

    def ref(self, name: str) -> Reference:
        """The table of another model or seed.

        Raises:
            ConfigurationError: the manifest does not list it among what this model depends on.
        """
        if name not in self._relations:
            raise ConfigurationError(
                f"{self._name} refers to {name!r}, which the manifest does not list for it; "
                f"it lists {', '.join(sorted(self._relations))}. A name must be written out where ref is called"
            )
        return Reference(self._relations[name], self._tables)


def _function(path: Path) -> Callable[[DbtObject, None], Any]:
    spec = spec_from_file_location(f"python_model_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} cannot be loaded as a Python module")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[DbtObject, None], Any] = module.model
    return function
