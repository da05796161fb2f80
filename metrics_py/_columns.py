"""Checks of the columns a caller names, with the message that says what is there instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from metrics_py.errors import MissingColumnError, UnusableInputError


def labels_of(by: str | Sequence[str], outputs: Collection[str]) -> list[str]:
    """`by` as a list of distinct column names, none of which an output column would overwrite."""
    labels = [by] if isinstance(by, str) else list(by)
    if len(set(labels)) < len(labels) or set(labels) & set(outputs):
        raise UnusableInputError(
            f"by must name different columns, none of them {', '.join(outputs)}; found {', '.join(labels)}; rename them"
        )
    return labels


def require_columns(schema: pl.Schema, columns: Collection[str]) -> None:
    """Refuse a frame that lacks one of the columns."""
    for column in columns:
        if column not in schema:
            raise MissingColumnError(f"no column {column!r}; the frame has {', '.join(schema.names())}")


def require_dates(schema: pl.Schema, *columns: str) -> None:
    """Refuse a column that does not hold calendar dates."""
    for column in columns:
        if schema[column] != pl.Date:
            raise UnusableInputError(
                f"{column} must be a Date column; found {schema[column]}; cast it to the local calendar date"
            )


def require_integers(schema: pl.Schema, *columns: str) -> None:
    """Refuse a column that does not hold whole numbers."""
    for column in columns:
        if not schema[column].is_integer():
            raise UnusableInputError(f"{column} must be an integer column; found {schema[column]}; cast it to Int64")
