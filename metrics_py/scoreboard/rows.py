"""Rows of the published tables that the pages draw, typed; nothing here judges or computes."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, TypeVar

import polars as pl

from metrics_py.publish.reader import Snapshot


class Verdict(NamedTuple):
    """A row of `scoreboard`: where one goal stands for one organisation unit."""

    goal_id: str
    goal_level: int
    goal_type: str
    metric_id: str
    reading: str
    org_level: str
    squad_id: str | None
    person_id: str | None
    period_kind: str
    period_start: date
    period_end: date
    value: float | None
    unit: str
    n: int | None
    ci_low: float | None
    ci_high: float | None
    target: float | None
    expected: float | None
    """What is asked now: for a reach goal the dated straight line to its target, else the target."""
    gap: float | None
    """Value less target."""
    status: str
    status_reason: str
    readable_on: date | None
    is_supported_at_95: bool | None
    previous_value: float | None
    trend: str | None
    periods_held: int
    periods_evaluated: int
    goal_period_start: date
    goal_period_end: date
    goal_period_value: float | None
    goal_period_n: int | None
    goal_period_status: str | None


class Value(NamedTuple):
    """A row of `metric_values`: one reading of one metric in one period of one organisation unit."""

    metric_id: str
    reading: str
    org_level: str
    squad_id: str | None
    person_id: str | None
    period_kind: str
    period_start: date
    period_end: date
    value: float | None
    unit: str
    n: int | None
    ci_low: float | None
    ci_high: float | None
    target: float | None
    status: str
    status_reason: str


class Agreement(NamedTuple):
    """A row of `circt_by_day` of the company: whether the two readings that CIRCT is judged by agree on a day."""

    day: date
    is_p90_launched_met: bool | None
    is_share_within_45_met: bool | None
    is_disagreement: bool | None


class Card(NamedTuple):
    """A row of `dim_metrics`: what a metric asks and how it is read."""

    metric_id: str
    name: str
    question: str
    numerator: str | None
    denominator: str | None
    unit: str
    direction: str
    period_kind: str
    headline_reading: str
    owner_id: str | None
    definition_version: str
    reviewed_on: date | None
    max_age_days: int
    few_below: int | None
    why_it_matters: str | None


class Goal(NamedTuple):
    """A row of `dim_goals`: why a goal is on the board."""

    goal_id: str
    goal_name: str
    metric_id: str
    goal_type: str
    baseline: float | None
    baseline_on: date | None
    target: float | None
    period_end: date
    owner_id: str | None
    parent_goal_id: str | None
    mechanism: str | None
    expected_sign: str | None
    lag_days: int | None
    evidence_grade: str | None

    @property
    def line(self) -> list[tuple[date, float]]:
        """Both ends of the straight line from the baseline to the target; empty where the same is asked always."""
        if self.goal_type != "reach" or self.baseline is None or self.baseline_on is None or self.target is None:
            return []
        return [(self.baseline_on, self.baseline), (self.period_end, self.target)]


class Person(NamedTuple):
    """A row of `dim_people`."""

    person_id: str
    display_name: str
    role: str | None
    squad_id: str | None
    is_feature_owner: bool


class Violation(NamedTuple):
    """A row of `fct_integrity_violations`: one case of the process not being followed."""

    rule_id: str
    severity: str
    sentence: str
    what_to_do: str
    entity_type: str
    entity_id: str
    feature_id: str | None
    person_id: str | None
    squad_id: str | None
    happened_on: date
    evidence: str


class Ageing(NamedTuple):
    """A row of `ageing_insights`: a pain that is still open."""

    insight_id: str
    started_on: date
    age_days: int
    breaks_45_on: date
    is_overdue: bool
    reason: str | None
    first_card_feature_id: str | None
    furthest_stage: str | None
    person_id: str | None
    squad_id: str | None


class Bottleneck(NamedTuple):
    """A row of `circt_bottlenecks`: whether a segment of the clock has grown."""

    org_level: str
    squad_id: str | None
    segment: str
    segment_order: int
    week_count: int
    break_week: date | None
    median_days_before: float | None
    median_days_after: float | None
    p_value_holm: float | None
    has_expanded: bool
    is_bottleneck: bool
    bottleneck: str
    root_cause: str | None
    intervention: str | None


Row = TypeVar("Row", Verdict, Value, Agreement, Card, Goal, Person, Violation, Ageing, Bottleneck)

_TABLES: dict[type[Any], str] = {
    Verdict: "scoreboard",
    Value: "metric_values",
    Agreement: "circt_by_day",
    Card: "dim_metrics",
    Goal: "dim_goals",
    Person: "dim_people",
    Violation: "fct_integrity_violations",
    Ageing: "ageing_insights",
    Bottleneck: "circt_bottlenecks",
}


def read_rows(snapshot: Snapshot, kind: type[Row], where: pl.Expr | None = None) -> Sequence[Row]:
    """The rows of one kind, all or some, in their table's order.

    Raises: WarehouseError when the table is not published; MissingColumnError when it lacks a column.
    """
    return rows_of(kind, snapshot.read(_TABLES[kind], kind._fields, where=where))


def rows_of(kind: type[Row], frame: pl.DataFrame) -> list[Row]:
    """A frame's rows as those of one kind, whose fields are columns of it."""
    # Column by column: a frame gives up a whole column several times as fast as it does a row.
    return list(map(kind._make, zip(*(frame.get_column(name).to_list() for name in kind._fields), strict=True)))
