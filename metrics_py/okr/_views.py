"""A key result as it was agreed, and as one day saw it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics_py.errors import ConfigurationError, UnusableInputError
from metrics_py.okr.progress import GoalType, Reading
from metrics_py.okr.status import override_in_force

KEY_RESULT_COLUMNS = (
    "key_result_id",
    "goal_type",
    "direction",
    "baseline",
    "baseline_on",
    "target",
    "period_start",
    "period_end",
    "cadence_days",
    "measurement_lag_days",
    "unit",
    "original_target",
    "target_changed_on",
)
OPTIONAL_COLUMNS = ("goal_type", "direction", "unit", "original_target", "target_changed_on")
CHECKIN_COLUMNS = ("key_result_id", "observed_on", "value", "matured_share")
OVERRIDE_COLUMNS = ("status_override", "override_reason", "override_by", "override_expires_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResult:
    """A key result as it was agreed; see `key_result_statuses` for the columns it is read from."""

    key_result_id: str
    period_start: date
    period_end: date
    target: float | None
    baseline: float | None = None
    baseline_on: date | None = None
    goal_type: GoalType = "reach"
    direction: str | None = None
    cadence_days: int = 7
    measurement_lag_days: int = 0
    unit: str | None = None
    original_target: float | None = None
    target_changed_on: date | None = None

    def target_on(self, day: date) -> float | None:
        """The target in force on a day: the original one until it was changed."""
        if self.original_target is None or self.target_changed_on is None or day >= self.target_changed_on:
            return self.target
        return self.original_target

    @property
    def higher_is_better(self) -> bool | None:
        """The stated direction, else the one from baseline to target; null where neither tells."""
        if self.direction is not None:
            return self.direction == "up"
        if self.baseline is None or self.target is None or self.baseline == self.target:
            return None
        return self.target > self.baseline

    @property
    def starts_from(self) -> Reading | None:
        """The baseline as the first point of a reach key result."""
        if self.goal_type == "maintain" or self.baseline is None:
            return None
        return self.baseline_on or self.period_start, self.baseline


def key_result_of(row: dict[str, Any]) -> KeyResult:
    """A key result from a row with the columns `KEY_RESULT_COLUMNS`; refuses one that contradicts itself."""
    name = row["key_result_id"]
    if row.get("goal_type") not in ("reach", "maintain", None):
        raise ConfigurationError(f"goal_type of {name} must be reach or maintain; found {row['goal_type']!r}")
    if row.get("direction") not in ("up", "down", None):
        raise ConfigurationError(f"direction of {name} must be up, down or empty; found {row['direction']!r}")
    if row["period_start"] is None or row["period_end"] is None or row["period_start"] >= row["period_end"]:
        raise UnusableInputError(
            f"the period of {name} must start before it ends; found {row['period_start']} to {row['period_end']}"
        )
    return KeyResult(**{column: value for column, value in row.items() if value is not None or column == "target"})


def by_key_result(frame: pl.DataFrame | None) -> dict[str, list[dict[str, Any]]]:
    """Rows of a frame under their key result, the oldest and first recorded first."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    if frame is None:
        return grouped
    order = [
        column for column in ("observed_on", "recorded_on", "recording_number", "due_on") if column in frame.columns
    ]
    for row in (frame.sort(order, maintain_order=True) if order else frame).iter_rows(named=True):
        grouped.setdefault(row["key_result_id"], []).append(row)
    return grouped


@dataclass(frozen=True, slots=True)
class View:
    """A key result as one day saw it: the readings known then, one per day observed, oldest first, and what was said.

    `due_on` is the day of the next reading that a metric is known to give; `pooled` the reading over the whole period,
    once that is over, which may itself still be due.
    """

    key_result: KeyResult
    on: date
    known: list[dict[str, Any]]
    said: list[dict[str, Any]]
    due_on: date | None = None
    pooled: dict[str, Any] | None = None

    @classmethod
    def on_day(cls, key_result: KeyResult, rows: Iterable[dict[str, Any]], on: date) -> "View":
        """What was known on a day; `row_kind` of a row is checkin (the default), metric, note or pooled."""
        last_day = min(on, key_result.period_end + timedelta(days=key_result.measurement_lag_days))
        standing: dict[date, dict[str, Any]] = {}
        said: list[dict[str, Any]] = []
        due_on: date | None = None
        pooled: dict[str, Any] | None = None
        for row in rows:
            observed_on, kind = row["observed_on"], row.get("row_kind") or "checkin"
            if kind == "pooled":
                pooled = row if on >= key_result.period_end else None
            elif observed_on > on:
                due_on = observed_on if kind == "metric" and due_on is None else due_on
            elif observed_on <= last_day and (row.get("recorded_on") or observed_on) <= on:
                if kind != "note":
                    standing[observed_on] = row
                if kind != "metric" and observed_on >= key_result.period_start:
                    said.append(row)
        if pooled is not None and pooled["observed_on"] > on:
            due_on = pooled["observed_on"]
        return cls(key_result, on, [standing[day] for day in sorted(standing)], said, due_on, pooled)

    @property
    def target(self) -> float | None:
        """The target in force on the day."""
        return self.key_result.target_on(self.on)

    @property
    def history(self) -> list[Reading]:
        """Every reading so far, also of earlier periods, with the baseline where its day was not read."""
        readings = {row["observed_on"]: float(row["value"]) for row in self.known if row["value"] is not None}
        start = self.key_result.starts_from
        if start and start[0] <= self.on:
            readings.setdefault(*start)
        return sorted(readings.items())

    @property
    def points(self) -> list[Reading]:
        """The readings of this period and its baseline."""
        since = min(self.key_result.period_start, self.key_result.baseline_on or self.key_result.period_start)
        return [reading for reading in self.history if reading[0] >= since]

    @property
    def last(self) -> dict[str, Any] | None:
        """What it is judged by: the last reading of this period, or why it has none; once over, the pooled one."""
        if self.pooled is not None and self.key_result.goal_type == "maintain":
            return self.pooled if self.pooled["observed_on"] <= self.on else None
        start = self.key_result.period_start
        read = [
            row
            for row in self.known
            if row["observed_on"] >= start and (row["value"] is not None or row.get("missing_reason"))
        ]
        return read[-1] if read else None

    @property
    def override(self) -> dict[str, Any]:
        """The last override said in this period, and whether it is still in force."""
        said = [row for row in self.said if row.get("status_override") is not None]
        if not said:
            return dict.fromkeys(OVERRIDE_COLUMNS) | {"is_override_live": False}
        is_live = override_in_force(said[-1].get("override_expires_on"), self.on)
        return {column: said[-1].get(column) for column in OVERRIDE_COLUMNS} | {"is_override_live": is_live}

    @property
    def recovery_plan(self) -> str | None:
        """The last recovery plan written down in this period."""
        return next((row["recovery_plan"] for row in reversed(self.said) if row.get("recovery_plan")), None)
