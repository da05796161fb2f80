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
)
OPTIONAL_COLUMNS = ("goal_type", "direction")
CHECKIN_COLUMNS = ("key_result_id", "observed_on", "value", "matured_share")
OVERRIDE_COLUMNS = ("status_override", "override_reason", "override_expires_on")


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
    order = [column for column in ("observed_on", "recorded_on", "due_on") if column in frame.columns]
    for row in (frame.sort(order, maintain_order=True) if order else frame).iter_rows(named=True):
        grouped.setdefault(row["key_result_id"], []).append(row)
    return grouped


@dataclass(frozen=True, slots=True)
class View:
    """A key result as one day saw it: the check-ins known then, one per day observed, oldest first."""

    key_result: KeyResult
    on: date
    known: list[dict[str, Any]]

    @classmethod
    def on_day(cls, key_result: KeyResult, checkins: Iterable[dict[str, Any]], on: date) -> "View":
        last_day = min(on, key_result.period_end + timedelta(days=key_result.measurement_lag_days))
        standing: dict[date, dict[str, Any]] = {}
        for checkin in checkins:
            recorded_on = checkin.get("recorded_on") or checkin["observed_on"]
            if checkin["observed_on"] <= last_day and recorded_on <= on:
                standing[checkin["observed_on"]] = checkin
        return cls(key_result, on, [standing[day] for day in sorted(standing)])

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
        """The last check-in of this period that holds a value."""
        start = self.key_result.period_start
        read = [row for row in self.known if row["value"] is not None and row["observed_on"] >= start]
        return read[-1] if read else None

    @property
    def override(self) -> dict[str, Any]:
        """The last override said in this period, if it is still in force."""
        start = self.key_result.period_start
        said = [row for row in self.known if row.get("status_override") is not None and row["observed_on"] >= start]
        if not said or not override_in_force(said[-1].get("override_expires_on"), self.on):
            return dict.fromkeys(OVERRIDE_COLUMNS)
        return {column: said[-1].get(column) for column in OVERRIDE_COLUMNS}
