"""The restatement ledger: for each value that a publish changed, the rows that moved it, why, and by how much."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from metrics_py.history import decompose
from metrics_py.history.causes import Between, Cause, Change, Moved, Verdict, record_changes
from metrics_py.history.changes import JUDGED, KEY, NUMBERS, changed_values, open_pair
from metrics_py.history.decompose import Effect, Part
from metrics_py.history.rows import moved_values, moving_rows, old_amounts, summed
from metrics_py.history.sentences import sentence
from metrics_py.history.shelf import Publish
from metrics_py.publish import quoting

ORDERED: Mapping[tuple[str, str], decompose.Statistic] = {
    ("circt", "p90_launched"): decompose.quantile_disc,
    ("circt", "p90_launched_cont"): decompose.quantile_cont,
    ("ddqs", "minimum"): decompose.minimum,
}
"""Readings that are an order statistic of their rows' amounts; every other is a ratio or a sum of numerators."""

TARGET_SEEDS = frozenset({"goals", "goal_conditions"})

COLUMNS: Mapping[str, Any] = {
    **{name: pl.Date if name in ("period_start", "period_end") else pl.String for name in KEY},
    "unit": pl.String,
    **dict.fromkeys(("old_value", "new_value", "change", "old_target", "new_target"), pl.Float64),
    **dict.fromkeys(("old_status", "new_status", "cause", "component"), pl.String),
    "effect": pl.Float64,
    **dict.fromkeys(("row_kind", "row_id"), pl.String),
    **{f"{side}_{name}": pl.Float64 for name in ("numerator", "denominator", "amount") for side in ("old", "new")},
    **dict.fromkeys(("old_reason", "new_reason", "role", "source_file"), pl.String),
    "source_row": pl.Int64,
    "explanation": pl.String,
}

Row = dict[str, Any]


def restatements(old: Publish, new: Publish) -> pl.DataFrame:
    """One row per changed value and what changed it: a row of evidence and component, a target, a definition, or time.

    Over the rows of one value, `effect` sums to `change`; both are null where the value was null before or is now.
    """
    with open_pair(old, new) as connection:
        changed_values(connection)
        moved_values(connection)
        values = connection.sql(f"from changed order by {', '.join(KEY)}").pl()
        rows = moving_rows(connection)
        explained = _Explained(old, new, connection, rows)
    items = [item for value in values.iter_rows(named=True) for item in explained.items(value)]
    _take_from_companions(items)
    return pl.DataFrame(items, schema=dict(COLUMNS), orient="row")


def write_restatements(old: Publish | None, new: Publish, file: Path) -> None:
    """Write what `new` restated since `old` as rows of metric_restatements; without an old publish, none."""
    frame = restatements(old, new) if old else pl.DataFrame(schema=dict(COLUMNS))
    previous = f"timestamp '{old.as_of}'" if old else "null::timestamp"
    with duckdb.connect() as connection:
        connection.execute("set threads = 1; set enable_progress_bar = false")
        connection.register("items", frame.with_row_index("item_number", offset=1))
        connection.execute(
            f"""
            copy (
                select
                    cast({new.number} as integer) as publish_number,
                    cast(item_number as integer) as item_number,
                    {previous} as previous_as_of,
                    timestamp '{new.as_of}' as as_of,
                    items.* exclude (item_number)
                from items
                order by item_number
            ) to {quoting.text(file)} (format parquet, compression zstd)
            """
        )


class _Explained:
    """What moved each value between two publishes."""

    def __init__(self, old: Publish, new: Publish, connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
        self._old, self._new = old, new
        self._between = Between(old.as_of, new.as_of, _is_redefined(old, new), record_changes(connection, rows))
        self._amounts = old_amounts(connection, list(ORDERED))
        self._sums = summed(connection)
        self._rows = {
            key: part.to_dicts() for key, part in rows.partition_by(*KEY, as_dict=True, maintain_order=True).items()
        }
        known = connection.execute("select distinct metric_id, reading from old_values").fetchall()
        self._known_readings = set(known)

    def items(self, value: Row) -> Iterator[Row]:
        """The rows of the ledger for one row of `changed`."""
        base = _base(value)
        if value["change"] == "new":
            known = (value["metric_id"], value["reading"]) in self._known_readings
            yield self._item(base, Verdict("new_period" if known else "changed_definition", None))
            return
        if not any(value[f"old_{name}"] != value[f"new_{name}"] for name in (*NUMBERS, *JUDGED)):
            return
        key = tuple(value[name] for name in KEY)
        items = list(self._of_rows(base, value, key, self._rows.get(key, ())))
        if value["change"] == "changed" and value["old_target"] != value["new_target"]:
            items.append(self._item(base, Verdict("changed_target", None)))
        if value["change"] == "changed" and value["old_definition_version"] != value["new_definition_version"]:
            items.append(self._item(base, Verdict("changed_definition", None)))
        if not items:
            items.append(self._item(base, Verdict(self._without_rows(value), None)))
        yield from items

    def _of_rows(self, base: Row, value: Row, key: tuple[Any, ...], rows: Sequence[Row]) -> Iterator[Row]:
        by_id = {f"{row['row_kind']}|{row['row_id']}": row for row in rows}
        effects = [
            effect for effect in self._effects(value, key, by_id) if effect.effect or not _is_alike(by_id[effect.row])
        ]
        verdicts = [self._between.cause_of(_moved(by_id[effect.row], effect)) for effect in effects]
        both = zip(effects, verdicts, strict=True)
        causes = [(abs(effect.effect or 0), verdict) for effect, verdict in both if verdict]
        # A weight moves because another row came, went or changed; the one that moved the value most stands for it.
        leading = max(causes, key=lambda cause: cause[0], default=(0, Verdict(self._without_rows(value), None)))[1]
        for effect, verdict in zip(effects, verdicts, strict=True):
            yield self._item(base, verdict or leading, row=by_id[effect.row], effect=effect)
        rest = None if base["change"] is None else base["change"] - sum(effect.effect or 0 for effect in effects)
        if rest and abs(rest) > 1e-9:
            yield self._item(base, Verdict(self._without_rows(value), None)) | {"effect": rest}

    def _effects(self, value: Row, key: tuple[Any, ...], rows: Mapping[str, Row]) -> Iterator[Effect]:
        parts = [Part(name, _part(row, "old"), _part(row, "new")) for name, row in rows.items()]
        statistic: Callable[[Sequence[float]], float] | None = ORDERED.get((value["metric_id"], value["reading"]))
        is_defined = value["old_value"] is not None and value["new_value"] is not None
        if statistic is not None:
            return decompose.of_order(parts, old=self._amounts.get(key, []), statistic=statistic)
        if any(row[f"{side}_denominator"] is not None for row in rows.values() for side in ("old", "new")):
            sums = self._sums.get(key)
            old = sums[:2] if sums else (value["old_numerator"] or 0, value["old_denominator"] or 0)
            new = sums[2:] if sums else (value["new_numerator"] or 0, value["new_denominator"] or 0)
            return decompose.of_ratio(parts, old=old, new=new, scale=100 if base_unit(value) == "nps" else 1)
        return decompose.of_sum(parts, is_defined=is_defined)

    def _without_rows(self, value: Row) -> Cause:
        """Cause of a change that no row accounts for."""
        if value["old_target"] != value["new_target"]:
            return "changed_target"
        is_only_judged = all(value[f"old_{name}"] == value[f"new_{name}"] for name in NUMBERS)
        if is_only_judged and self._new.as_of > self._old.as_of:
            return "matured"
        if self._between.is_redefined or value["old_definition_version"] != value["new_definition_version"]:
            return "changed_definition"
        return "matured" if self._new.as_of > self._old.as_of else "changed_definition"

    def _item(self, base: Row, verdict: Verdict, *, row: Row | None = None, effect: Effect | None = None) -> Row:
        change: Change | None = verdict.change
        item = base | {"cause": verdict.cause}
        if effect is not None:
            item |= {"component": effect.component, "effect": effect.effect}
        if row is not None:
            item |= {name: row[name] for name in COLUMNS if name in row and name not in KEY}
        if change is not None:
            item |= {"role": change.role, "source_file": change.source_file, "source_row": change.source_row}
        return item | {"explanation": sentence(item, change)}


def _take_from_companions(items: list[Row]) -> None:
    """Give a status that changed with no number of its own the cause of the reading it is judged together with."""

    def place(item: Row) -> tuple[Any, ...]:
        return tuple(item[name] for name in KEY if name != "reading")

    causes: dict[tuple[Any, ...], Cause] = {}
    for item in items:
        if item["row_id"] is not None and item["old_status"] != item["new_status"]:
            causes.setdefault(place(item), item["cause"])
    for item in items:
        if item["row_id"] is None and item["cause"] == "matured" and place(item) in causes:
            item["cause"] = causes[place(item)]
            item["explanation"] = "Another reading of the same goal changed, and both are judged together."


def _is_redefined(old: Publish, new: Publish) -> bool:
    def seeds(publish: Publish) -> dict[str, str]:
        return {name: digest for name, digest in publish.facts["seeds"].items() if name not in TARGET_SEEDS}

    same = all(old.facts[name] == new.facts[name] for name in ("code", "definition_versions"))
    return not same or seeds(old) != seeds(new)


def base_unit(value: Row) -> str | None:
    """Unit of a changed value, from whichever publish has it."""
    unit = value["new_unit"] or value["old_unit"]
    return None if unit is None else str(unit)


def _base(value: Row) -> Row:
    old, new = value["old_value"], value["new_value"]
    return dict.fromkeys(COLUMNS) | {
        **{name: value[name] for name in KEY},
        "unit": base_unit(value),
        "old_value": old,
        "new_value": new,
        # In ARR a double holds cents to nine digits after the point only; what is beyond them is not a change.
        "change": None if old is None or new is None else round(new - old, 6 if abs(new) > 1e6 else 15),
        **{f"{side}_{name}": value[f"{side}_{name}"] for side in ("old", "new") for name in ("target", "status")},
    }


def _moved(row: Row, effect: Effect) -> Moved:
    event_on = row["new_event_on"] or row["old_event_on"]
    return Moved(
        metric_id=row["metric_id"],
        period_kind=row["period_kind"],
        row_kind=row["row_kind"],
        row_id=row["row_id"],
        was_in=bool(row["old_is_in"]),
        is_in=bool(row["new_is_in"]),
        old_reason=row["old_reason"],
        new_reason=row["new_reason"],
        event_on=event_on,
        is_reassigned=row["is_reassigned"],
        is_mix=effect.component == "mix",
    )


def _part(row: Row, side: str) -> tuple[float | None, float | None, float | None] | None:
    if not row[f"{side}_is_in"]:
        return None
    return row[f"{side}_numerator"], row[f"{side}_denominator"], row[f"{side}_amount"]


def _is_alike(row: Row) -> bool:
    """Whether nothing that the value is made from differs, only what stands beside it."""
    is_in_both = bool(row["old_is_in"] and row["new_is_in"])
    same = row["old_numerator"] == row["new_numerator"] and row["old_denominator"] == row["new_denominator"]
    return is_in_both and same and row["new_numerator"] is not None
