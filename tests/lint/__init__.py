"""Stand-ins for the parts of dbt that our macros use, so that sqlfluff can render a model in a second without dbt."""

from pathlib import Path
from typing import Any

import yaml
from jinja2 import pass_context
from jinja2.runtime import Context

_VARS = yaml.safe_load((Path(__file__).resolve().parents[2] / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def var(name: str, default: Any = None) -> Any:
    """The project's own setting."""
    return _VARS.get(name, default)


def render(text: str) -> str:
    """A setting that is itself a template; its value does not matter to a linter."""
    return "text"


class adapter:  # noqa: N801 (dbt's name)
    """dbt's adapter, for DuckDB."""

    @staticmethod
    @pass_context
    def dispatch(context: Context, name: str, package: str) -> Any:
        """The macro for DuckDB."""
        return context.get(f"duckdb__{name}") or context.get(f"default__{name}")


class api:  # noqa: N801 (dbt's name)
    """dbt's api."""

    class Relation:
        """A relation that is its own name."""

        @staticmethod
        def create(identifier: str, **_: str) -> str:
            """The name."""
            return identifier


class dbt:  # noqa: N801 (dbt's name)
    """dbt's cross-engine macros that the models call."""

    @staticmethod
    def type_string() -> str:
        """Type of text."""
        return "varchar"

    @staticmethod
    def type_bigint() -> str:
        """Type of 64-bit integers."""
        return "bigint"

    @staticmethod
    def listagg(measure: str, delimiter_text: str = "','", order_by_clause: str = "") -> str:
        """Texts of a group in one."""
        return f"listagg({measure}, {delimiter_text} {order_by_clause})"

    @staticmethod
    def split_part(string_text: str, delimiter_text: str, part_number: int) -> str:
        """A part of a text."""
        return f"split_part({string_text}, {delimiter_text}, {part_number})"
