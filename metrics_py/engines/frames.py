"""Frames as engines can store them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def storable(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in types that PostgreSQL and Spark have, none of them narrower; instants in microseconds, as theirs.

    Examples:
        >>> import polars as pl
        >>> storable(pl.DataFrame({"n": [1], "empty": [None]}, schema={"n": pl.UInt32, "empty": pl.Null})).dtypes
        [Int64, Int32]
    """
    import polars as pl
    import polars.selectors as cs

    return frame.with_columns(
        cs.by_dtype(pl.Int8, pl.UInt8).cast(pl.Int16),
        cs.by_dtype(pl.UInt16).cast(pl.Int32),
        cs.by_dtype(pl.UInt32, pl.UInt64).cast(pl.Int64),
        cs.by_dtype(pl.Float32).cast(pl.Float64),
        cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String),
        # What DuckDB makes of a column that has nothing in it.
        cs.by_dtype(pl.Null).cast(pl.Int32),
        cs.datetime().dt.cast_time_unit("us"),
    )
