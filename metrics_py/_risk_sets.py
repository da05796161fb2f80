"""Risk sets: how many items were under watch at each age at which one of them closed.

Every survival curve is made of them and of nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from metrics_py._columns import require_columns
from metrics_py.errors import OutOfRangeError, UnusableInputError

OPEN, CAUSE, OTHER = 0, 1, 2


@dataclass(frozen=True)
class RiskSets:
    """`curves`: one row per curve with its labels, `n`, `events`, `other_events` and its number `curve`.

    `ages`: one row per curve and age at which something closed, sorted: `curve`, `time`, `at_risk`, `events`,
    `other_events`.
    """

    curves: pl.DataFrame
    ages: pl.DataFrame


def of_items(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    time: str,
    event: str,
    entry: str | None,
    by: list[str],
    cause: int | None = None,
) -> RiskSets:
    """Risk sets of items with an age at exit, what happened there, and perhaps an age at entry.

    With a `cause`, any other code but 0 is a competing event; without one, only 0 and 1 (or booleans) are codes.
    """
    ages = [time, *([entry] if entry else [])]
    items = only_columns(frame, [*ages, event, *by])
    for column in ages:
        if not items.schema[column].is_numeric():
            raise UnusableInputError(f"{column} must be a number of days; found {items.schema[column]}; subtract dates")
    age = pl.Int64 if all(items.schema[column].is_integer() for column in ages) else pl.Float64
    groups = numbered(items, by)
    watched = with_number(items, groups, by).select(
        "curve",
        pl.col(time).cast(age).alias("time"),
        kind_of(items, event, cause).alias("kind"),
        # every age is 0 or more, so -1 is before all of them
        (pl.col(entry).cast(age).fill_null(-1) if entry else pl.lit(-1, age)).alias("entry"),
    )
    is_age = pl.col("time").is_finite() & (pl.col("time") >= 0)
    refuse(watched, ~is_age.fill_null(False), f"{time} must be an age of 0 or more")
    refuse(watched, pl.col("entry") >= pl.col("time"), f"{entry} must be below {time}")
    exits = watched.group_by("curve", "time").agg(
        exits=pl.len().cast(pl.Int64),
        events=(pl.col("kind") == CAUSE).sum().cast(pl.Int64),
        other_events=(pl.col("kind") == OTHER).sum().cast(pl.Int64),
    )
    entries = watched.group_by("curve", pl.col("entry").alias("time")).agg(entries=pl.len().cast(pl.Int64))
    steps = pl.concat([exits, entries], how="diagonal").group_by("curve", "time").agg(pl.all().sum())
    change = pl.col("entries") - pl.col("exits")
    risk_sets = (
        steps.sort("curve", "time")
        .with_columns(at_risk=change.cum_sum().over("curve") - change)
        .filter(pl.col("events") + pl.col("other_events") > 0)
        .select("curve", "time", "at_risk", "events", "other_events")
    )
    totals = exits.group_by("curve").agg(
        pl.col("exits").sum().alias("n"), pl.col("events").sum(), pl.col("other_events").sum()
    )
    return RiskSets(with_totals(groups, totals), risk_sets)


def only_columns(frame: pl.DataFrame | pl.LazyFrame, columns: list[str]) -> pl.DataFrame:
    """Read the columns asked for, after refusing a frame that lacks one."""
    require_columns(frame.collect_schema(), columns)
    return frame.lazy().select(*dict.fromkeys(columns)).collect()


def numbered(items: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Groups of the items, sorted, with a number as `curve`."""
    groups = items.select(by).unique().sort(by, nulls_last=True) if by else pl.DataFrame(height=1)
    return groups.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("curve"))


def with_number(items: pl.DataFrame, groups: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Items with the number of their group."""
    if not by:
        return items.with_columns(pl.lit(0, pl.Int64).alias("curve"))
    return items.join(groups, on=by, how="left", nulls_equal=True)


def kind_of(items: pl.DataFrame, event: str, cause: int | None) -> pl.Expr:
    """Code the event column as open, cause or other, after refusing what has no meaning."""
    dtype, code = items.schema[event], pl.col(event)
    if dtype != pl.Boolean and not dtype.is_integer():
        raise UnusableInputError(f"{event} must be a boolean or an integer code; found {dtype}; map it to 0 and 1")
    if cause == OPEN:
        raise OutOfRangeError("cause must not be 0, which is the code of items still open; found 0")
    code = code.cast(pl.Int64)
    if cause is None:
        refuse(items, code.is_null() | ~code.is_in([0, 1]), f"{event} must be 0 or 1 (aj_share_by takes more codes)")
    else:
        refuse(items, code.is_null(), f"{event} must not be null: 0 is still open")
    return pl.when(code == (1 if cause is None else cause)).then(CAUSE).when(code == 0).then(OPEN).otherwise(OTHER)


def refuse(items: pl.DataFrame, bad: pl.Expr, rule: str) -> None:
    """Refuse items for which `bad` holds, naming the rule they break."""
    found = items.filter(bad)
    if found.height:
        raise OutOfRangeError(
            f"{rule}; found {found.height} rows, first {found.row(0, named=True)}; correct or drop them"
        )


def with_totals(curves: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """Every curve with its totals, 0 where it has no items."""
    joined = curves.join(totals, on="curve", how="left", maintain_order="left")
    return joined.with_columns(pl.col("n", "events", "other_events").fill_null(0))
