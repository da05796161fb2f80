"""Goals and key results: where they stand, where they are heading, and what a launch would change."""

from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from metrics_py.assistant.evidence import Limit
from metrics_py.assistant.replies import Frozen, Instant, Quoted, RefusedError, Reply, asking
from metrics_py.assistant.values import Person, Squad, find_unit
from metrics_py.outlook import read_insights
from metrics_py.publish.reader import Snapshot
from metrics_py.what_if import Outlook, next_friday, what_if

Status = Literal["on_track", "off_track", "at_risk", "achieved", "missed", "too_early", "no_data"]
KeyResultId = Annotated[str, Field(description="key_result_id, such as kr-nps; key_result_status lists all")]


class Line(Frozen):
    """A goal of the scoreboard with its newest value and verdict."""

    goal_id: str
    goal_name: Quoted
    goal_type: str
    metric_id: str
    reading: str
    org_level: str
    org_unit_id: str
    period_start: date | None
    last_day: date | None
    as_of: Instant | None
    value: float | None
    unit: str | None
    n: int | None
    ci_low: float | None
    ci_high: float | None
    target: float | None
    gap: float | None
    status: str
    status_reason: str | None
    matured_share: float | None
    readable_on: date | None
    previous_value: float | None
    trend: str | None


class Standing(Frozen):
    """A key result as it was last evaluated."""

    key_result_id: str
    name: Quoted
    metric_id: str | None
    owner_id: str | None
    squad_id: str | None
    org_level: str
    period_start: date
    last_day: date
    evaluated_on: date
    as_of: Instant
    baseline: float | None
    target: float | None
    current_value: float | None
    current_on: date | None
    unit: str
    progress: float | None
    expected_progress: float | None
    p_hit: float | None
    forecast_value: float | None
    forecast_low_80: float | None
    forecast_high_80: float | None
    status: str
    status_reason: Quoted
    readable_on: date | None
    confidence: str | None
    n_points: int | None
    matured_share: float | None
    rules_disagree: bool | None
    key_question: str | None
    recommendation: str | None
    recovery_plan: Quoted | None


class Standings(Frozen):
    """How many key results there are in each status, and those asked for."""

    count: int
    by_status: dict[str, int]
    key_results: list[Standing]


class Forecast(Frozen):
    """One method's forecast of a key result, for the end of its period."""

    key_result_id: str
    made_on: date
    target_on: date
    horizon_days: int
    method: str
    value: float | None
    low_80: float | None
    high_80: float | None
    low_95: float | None
    high_95: float | None
    p_hit: float | None
    n_points: int | None


class WhatIfAnswer(Frozen):
    """CIRCT today, on the day asked for without any launch, and on that day with these launches."""

    unit: str
    limit_days: int
    target_share: float
    today: Outlook
    without: Outlook
    launching: Outlook
    cycle_days: dict[str, int]


class GoalTools:
    """Tools about goals and key results."""

    def __init__(self, published: Path) -> None:
        self._published = published

    def scoreboard(self, person: Person = None, squad: Squad = None) -> Reply[list[Line]]:
        """The goals of the company (or of one squad or person) with newest value, target, gap, verdict and trend."""
        snapshot = Snapshot(self._published)
        level, unit = find_unit(snapshot, person=person, squad=squad)
        rows = snapshot.read_all("scoreboard").filter(org_level=pl.lit(level), org_unit_id=pl.lit(unit))
        if rows.is_empty():
            raise RefusedError("no_data", f"No goal is set for {unit}.")
        return Reply(answer=[line_of(row) for row in rows.sort("goal_level", "goal_id").iter_rows(named=True)])

    def key_result_status(
        self,
        key_result: Annotated[str | None, Field(description="one key_result_id; none lists all")] = None,
        status: Annotated[Status | None, Field(description="only those in this status")] = None,
        squad: Squad = None,
        owner: Annotated[str | None, Field(description="work e-mail address of the owner")] = None,
        limit: Limit = 50,
    ) -> Reply[Standings]:
        """Key results as last evaluated: value, target, progress, forecast, chance, status and the reason for it."""
        snapshot = Snapshot(self._published)
        rows = snapshot.read_all("key_result_status", where=pl.col("is_latest"))
        if key_result is not None:
            rows = rows.filter(key_result_id=pl.lit(_known(key_result, rows)))
        if squad is not None:
            rows = rows.filter(squad_id=pl.lit(find_unit(snapshot, person=None, squad=squad)[1]))
        if owner is not None:
            rows = rows.filter(owner_id=pl.lit(find_unit(snapshot, person=owner, squad=None)[1]))
        by_status = dict(rows["status"].value_counts().sort("status").iter_rows())
        if status is not None:
            rows = rows.filter(status=pl.lit(status))
        chosen = rows.sort("key_result_id").head(limit).iter_rows(named=True)
        return Reply(
            answer=Standings(count=rows.height, by_status=by_status, key_results=[standing_of(row) for row in chosen])
        )

    def key_result_forecast(self, key_result: KeyResultId) -> Reply[list[Forecast]]:
        """The newest forecasts of a key result, one per method, each with its intervals and the chance to hit."""
        snapshot = Snapshot(self._published)
        latest = snapshot.read_all("key_result_status", where=pl.col("is_latest"))
        identifier = _known(key_result, latest)
        made = snapshot.read_all("key_result_forecasts", where=pl.col("key_result_id") == identifier)
        if made.is_empty():
            readable = latest.row(by_predicate=pl.col("key_result_id") == identifier, named=True)["readable_on"]
            raise RefusedError(
                "too_early" if readable else "no_data",
                f"No forecast was made of {identifier}: it has too few readings.",
                readable_on=readable,
            )
        newest = made.filter(pl.col("made_on") == pl.col("made_on").max()).sort("method")
        return Reply(answer=[Forecast(**row) for row in newest.iter_rows(named=True)])

    def what_if(
        self,
        insights: Annotated[list[str] | None, Field(description="ids of open insights that launch")] = None,
        features: Annotated[list[str] | None, Field(description="features whose open insights launch")] = None,
        on: Annotated[date | None, Field(description="the day they launch; none means the next Friday")] = None,
        person: Person = None,
        squad: Squad = None,
    ) -> Reply[WhatIfAnswer]:
        """CIRCT on a day to come if some open insights launch; without insights and features, all overdue ones."""
        if insights and features:
            raise RefusedError("bad_request", "Name insights or features, not both.")
        level, unit = find_unit(Snapshot(self._published), person=person, squad=squad)
        known = read_insights(
            self._published,
            pm=unit if level == "person" else None,
            squad=unit if level == "squad" else None,
        )
        launch = asking("unknown_insight", known.choose, insights=insights, features=features)
        day = on or next_friday(known.today)
        if day < known.today:
            raise RefusedError(
                "bad_request", f"The day must not lie before {known.today}, up to which the rows are known."
            )
        answer = asking(
            "unknown_insight",
            what_if,
            known.insights,
            launch=launch,
            on=day,
            today=known.today,
            window_days=known.window_days,
            percentile=known.percentile,
            limit_days=known.limit_days,
        )
        return Reply(
            answer=WhatIfAnswer(
                unit=unit,
                limit_days=known.limit_days,
                target_share=known.target_share,
                today=answer.today,
                without=answer.without,
                launching=answer.launching,
                cycle_days=answer.cycle_days,
            )
        )


def line_of(row: dict[str, Any]) -> Line:
    """A row of the scoreboard as a reply holds it."""
    end = row["period_end"]
    last_day = None if end is None else end - timedelta(days=1)
    return Line(**row | {"goal_name": Quoted(written_by_people=row["goal_name"])}, last_day=last_day)


def standing_of(row: dict[str, Any]) -> Standing:
    """A row of key_result_status as a reply holds it."""
    quoted = {name: Quoted.of(row[name]) for name in ("name", "status_reason", "recovery_plan")}
    return Standing(**row | quoted, last_day=row["period_end"] - timedelta(days=1))


def _known(key_result: str, rows: pl.DataFrame) -> str:
    names = rows["key_result_id"].unique().sort().to_list()
    wanted = key_result.strip().lower()
    if wanted in names:
        return wanted
    near = get_close_matches(wanted, names, n=3, cutoff=0.4)
    raise RefusedError(
        "unknown_key_result",
        "There is no key result of that id; key_result_status without arguments lists all.",
        did_you_mean=near,
    )
