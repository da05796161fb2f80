"""The rows that moved a value: those whose part in it is other in the new publish than in the old."""

from typing import Any

import duckdb
import polars as pl

from metrics_py.history.changes import KEY, NUMBERS

PLACE = ("metric_id", "reading", "org_level", "org_unit_id", "period_kind")
_KIND = ("metric_id", "reading", "org_level", "period_kind")
PART = ("is_in", "reason", "numerator", "denominator", "amount", "event_on")


def moved_values(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `moved`, `near` and `unlike`, the last two for the old and the new publish.

    `moved` holds the values that rows have to account for, `near` the rows that stand in the periods of such values,
    `unlike` those of them that differ.
    """
    differs = " or ".join(f"old_{name} is distinct from new_{name}" for name in NUMBERS)
    connection.execute(f"create table moved as from changed where change <> 'new' and ({differs})")
    # Only rows that stand in a period of a moved value, in any unit: who else has a row tells that it was reassigned.
    connection.execute(
        f"""
        create table moved_spans as
        select {", ".join(_KIND)}, min(period_start) as first_moved, max(period_start) as last_moved
        from moved group by {", ".join(_KIND)}
        """
    )
    for side in ("old", "new"):
        connection.execute(
            f"""
            create table {side}_near as
            select evidence.* from {side}_evidence as evidence
            inner join moved_spans using ({", ".join(_KIND)})
            where evidence.last_period_start >= first_moved and evidence.first_period_start <= last_moved
            """
        )
    for side, other in (("old", "new"), ("new", "old")):
        connection.execute(f"create table {side}_unlike as from {side}_near except all from {other}_near")


def moving_rows(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per moved value and thing whose part in it changed: `old_` and `new_` part, and `is_reassigned`.

    `is_reassigned` tells that the thing counts in the same period for another unit of the same level in the other
    publish.
    """
    sides = {
        side: f"""
            select {", ".join(f"moved.{name}" for name in KEY)}, unlike.row_kind, unlike.row_id,
                {", ".join(f"unlike.{name}" for name in PART)}
            from moved
            inner join {side}_unlike as unlike
                on {" and ".join(f"moved.{name} = unlike.{name}" for name in PLACE)}
                and moved.period_start between unlike.first_period_start and unlike.last_period_start
        """
        for side in ("old", "new")
    }
    whole = (*KEY, "row_kind", "row_id")
    parts = [f"{side}_rows.{name} as {side}_{name}" for side in sides for name in PART]
    changed_part = " or ".join(
        f"old_rows.{name} is distinct from new_rows.{name}" for name in ("is_in", "numerator", "denominator", "amount")
    )
    rows: pl.DataFrame = connection.sql(
        f"""
        with old_rows as ({sides["old"]}), new_rows as ({sides["new"]}),
        rows as (
            select {", ".join(f"coalesce(new_rows.{name}, old_rows.{name}) as {name}" for name in whole)},
                {", ".join(parts)}
            from new_rows
            full join old_rows on {" and ".join(f"new_rows.{name} = old_rows.{name}" for name in whole)}
            where (coalesce(old_rows.is_in, false) or coalesce(new_rows.is_in, false)) and ({changed_part})
        )
        select rows.*, {_is_reassigned()} as is_reassigned
        from rows
        order by {", ".join(f"rows.{name}" for name in whole)}
        """
    ).pl()
    return rows


def _is_reassigned() -> str:
    """Entered here and counted elsewhere before, or left here and counts elsewhere now."""
    same = " and ".join(f"other.{name} = rows.{name}" for name in ("metric_id", "reading", "org_level", "period_kind"))
    exists = {
        side: f"""exists (
            select 1 from {side}_unlike as other
            where {same} and other.row_kind = rows.row_kind and other.row_id = rows.row_id and other.is_in
                and other.org_unit_id <> rows.org_unit_id
                and rows.period_start between other.first_period_start and other.last_period_start
        )"""
        for side in ("old", "new")
    }
    return f"""
        rows.org_level <> 'company' and (
            (not coalesce(rows.old_is_in, false) and {exists["old"]})
            or (not coalesce(rows.new_is_in, false) and {exists["new"]})
        )
    """


def old_amounts(connection: duckdb.DuckDBPyConnection, readings: list[tuple[str, str]]) -> dict[tuple[Any, ...], Any]:
    """What the moved values of some readings were taken of in the old publish: their amounts, ascending, by key."""
    if not readings:
        return {}
    wanted = " or ".join(
        f"(moved.metric_id = '{metric}' and moved.reading = '{reading}')" for metric, reading in readings
    )
    rows = connection.execute(
        f"""
        select {", ".join(f"moved.{name}" for name in KEY)}, list_sort(list(evidence.amount))
        from moved
        inner join old_near as evidence
            on {" and ".join(f"moved.{name} = evidence.{name}" for name in PLACE)}
            and moved.period_start between evidence.first_period_start and evidence.last_period_start
        where evidence.is_in and ({wanted})
        group by {", ".join(f"moved.{name}" for name in KEY)}
        """
    ).fetchall()
    return {tuple(key): amounts for *key, amounts in rows}


def summed(connection: duckdb.DuckDBPyConnection) -> dict[tuple[Any, ...], tuple[float, float, float, float]]:
    """Numerator and denominator, old and new, of moved ratios that publish neither, summed over their rows."""
    sides = [
        f"""
        select {", ".join(f"moved.{name}" for name in KEY)},
            {"sum(numerator), sum(denominator), 0, 0" if side == "old" else "0, 0, sum(numerator), sum(denominator)"}
        from moved
        inner join {side}_near as evidence
            on {" and ".join(f"moved.{name} = evidence.{name}" for name in PLACE)}
            and moved.period_start between evidence.first_period_start and evidence.last_period_start
        where evidence.is_in and evidence.denominator is not null and moved.new_denominator is null
        group by {", ".join(f"moved.{name}" for name in KEY)}
        """
        for side in ("old", "new")
    ]
    columns = ("old_numerator", "old_denominator", "new_numerator", "new_denominator")
    rows = connection.execute(
        f"""
        select {", ".join(KEY)}, {", ".join(f"sum({name})" for name in columns)}
        from ({" union all ".join(sides)}) as sums ({", ".join((*KEY, *columns))})
        group by {", ".join(KEY)}
        """
    ).fetchall()
    return {tuple(row[: len(KEY)]): tuple(row[len(KEY) :]) for row in rows}
