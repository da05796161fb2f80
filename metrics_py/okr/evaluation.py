"""Key results day by day: their readings, plan and launches in, one verdict with its evidence per day out."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics_py._columns import require_columns, require_dates
from metrics_py.errors import ConfigurationError
from metrics_py.forecast import forecast
from metrics_py.okr._views import (
    CHECKIN_COLUMNS,
    KEY_RESULT_COLUMNS,
    OPTIONAL_COLUMNS,
    View,
    by_key_result,
    key_result_of,
)
from metrics_py.okr.progress import (
    Milestone,
    best_pace,
    expected_progress,
    matured_on,
    matured_share,
    pace,
    pace_forecast,
    progress,
    progress_ratio,
    required_pace,
)
from metrics_py.okr.rules import DEFAULT_RULES, StatusRules
from metrics_py.okr.status import (
    Facts,
    rules_disagree,
    status_by_pace_gap,
    status_by_ratio_bands,
    verdict,
)

STATUS_SCHEMA: dict[str, Any] = {
    "key_result_id": pl.String,
    "evaluated_on": pl.Date,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "goal_type": pl.String,
    "baseline": pl.Float64,
    "target": pl.Float64,
    "is_higher_better": pl.Boolean,
    "value": pl.Float64,
    "observed_on": pl.Date,
    "points": pl.Int64,
    "matured_share": pl.Float64,
    "progress": pl.Float64,
    "expected_progress": pl.Float64,
    "expected_mode": pl.String,
    "progress_ratio": pl.Float64,
    "pace_per_week": pl.Float64,
    "required_pace_per_week": pl.Float64,
    "best_pace_per_week": pl.Float64,
    "pace_forecast": pl.Float64,
    "forecast": pl.Float64,
    "low_80": pl.Float64,
    "high_80": pl.Float64,
    "low_95": pl.Float64,
    "high_95": pl.Float64,
    "p_hit": pl.Float64,
    "status": pl.String,
    "status_rule": pl.String,
    "status_reason": pl.String,
    "readable_on": pl.Date,
    "confidence": pl.String,
    "key_question": pl.String,
    "recommendation": pl.String,
    "status_by_pace_gap": pl.String,
    "status_by_ratio_bands": pl.String,
    "rules_disagree": pl.Boolean,
    "status_override": pl.String,
    "override_reason": pl.String,
    "override_by": pl.String,
    "override_expires_on": pl.Date,
    "is_override_live": pl.Boolean,
    "recovery_plan": pl.String,
    "readings_held": pl.Int64,
    "readings_judged": pl.Int64,
    "pooled_value": pl.Float64,
    "pooled_status": pl.String,
}


def key_result_statuses(
    key_results: pl.DataFrame,
    checkins: pl.DataFrame,
    *,
    evaluated_on: Sequence[date] | Mapping[str, Sequence[date]],
    milestones: pl.DataFrame | None = None,
    launches: pl.DataFrame | None = None,
    rules: StatusRules = DEFAULT_RULES,
) -> pl.DataFrame:
    """Verdict and evidence of every key result on every day asked for, from its period's first day on.

    Args:
        key_results: one row per key result with the columns `KEY_RESULT_COLUMNS`: goal_type reach or maintain (null:
            reach); direction up, down or null (from baseline to target), both of which may be left out; cadence_days
            (null: 7); measurement_lag_days (null: 0); the rest may be null but for the period. With `original_target`
            and `target_changed_on` the first target stands until that day.
        checkins: one row per reading with `CHECKIN_COLUMNS`. Optional are `recorded_on`, which hides a reading on the
            days before it was recorded and lets the later recording of one day stand; the override columns;
            `recovery_plan`; and for readings of a metric `row_kind`, `missing_reason`, `others_hold` and
            `other_conditions`, see `View` and `Facts`.
        evaluated_on: the days, for all of them or for each key result by its id.
        milestones: `key_result_id`, `due_on`, `value`.
        launches: `key_result_id`, `launched_on`, the launch (done or planned) of an initiative that moves it.
        rules: the thresholds.
    Returns: one row per key result and day, in that order, with the columns of `STATUS_SCHEMA`. Values, paces and
        forecasts are in the key result's unit, shares on 0..1. A key result is never given its baseline as value.
        After the period the closing reading stands: the last one up to its end plus the measurement lag.
    Raises: MissingColumnError; ConfigurationError for an unknown goal type, direction or a key result given twice.

    Source: METRICS.md and RULINGS.md, Key results.
    """
    require_columns(key_results.schema, [name for name in KEY_RESULT_COLUMNS if name not in OPTIONAL_COLUMNS])
    require_columns(checkins.schema, CHECKIN_COLUMNS)
    require_dates(checkins.schema, "observed_on")
    stated = [name for name in KEY_RESULT_COLUMNS if name in key_results.columns]
    agreed = [key_result_of(row) for row in key_results.select(stated).iter_rows(named=True)]
    if len({key_result.key_result_id for key_result in agreed}) < len(agreed):
        raise ConfigurationError("a key_result_id stands for one key result; found one twice. Give each its own")
    said = by_key_result(checkins)
    planned = {key: [(row["due_on"], row["value"]) for row in rows] for key, rows in by_key_result(milestones).items()}
    launched = {
        key: min((row["launched_on"] for row in rows if row["launched_on"] is not None), default=None)
        for key, rows in by_key_result(launches).items()
    }
    views = [
        View.on_day(key_result, said.get(key_result.key_result_id, []), on)
        for key_result in sorted(agreed, key=lambda key_result: key_result.key_result_id)
        for on in sorted(set(_days(evaluated_on, key_result.key_result_id)))
        if on >= key_result.period_start
    ]
    rows = [
        _row(
            view,
            made,
            planned.get(view.key_result.key_result_id, []),
            launched.get(view.key_result.key_result_id),
            rules,
        )
        for view, made in zip(views, _forecasts(views, rules), strict=True)
    ]
    return pl.DataFrame(rows, schema=STATUS_SCHEMA)


def _days(evaluated_on: Sequence[date] | Mapping[str, Sequence[date]], key_result_id: str) -> Sequence[date]:
    return evaluated_on.get(key_result_id, ()) if isinstance(evaluated_on, Mapping) else evaluated_on


def _forecasts(views: list[View], rules: StatusRules) -> list[dict[str, Any]]:
    readings = [
        (place, day, value)
        for place, view in enumerate(views)
        if view.key_result.goal_type == "reach"
        for day, value in view.points
    ]
    origins = [
        (place, view.on, view.key_result.period_end, view.target, view.key_result.higher_is_better)
        for place, view in enumerate(views)
    ]
    whole = pl.Int64
    return forecast(
        pl.DataFrame(readings, schema={"view": whole, "observed_on": pl.Date, "value": pl.Float64}, orient="row"),
        pl.DataFrame(
            origins,
            schema={
                "view": whole,
                "made_on": pl.Date,
                "due_on": pl.Date,
                "target": pl.Float64,
                "is_higher_better": pl.Boolean,
            },
            orient="row",
        ),
        by="view",
        target="target",
        higher_is_better="is_higher_better",
        fewest=max(rules.fewest_points, 3),
    ).to_dicts()


def _row(
    view: View,
    made: dict[str, Any],
    milestones: list[Milestone],
    launched_on: date | None,
    rules: StatusRules,
) -> dict[str, Any]:
    key_result, on, last = view.key_result, view.on, view.last
    target = view.target
    is_running = on < key_result.period_end
    is_forecast = is_running and last is not None
    value = float(last["value"]) if last and last["value"] is not None else None
    start, lag = key_result.period_start, key_result.measurement_lag_days
    baseline_on = key_result.baseline_on or start
    read_on = last["observed_on"] if last else on
    stated = last.get("matured_share") if last else None
    matured = stated if stated is not None else matured_share(read_on, start=start, lag_days=lag)
    is_reach = key_result.goal_type == "reach"
    agreed: dict[str, Any] = {
        "period_start": start,
        "period_end": key_result.period_end,
        "baseline_on": key_result.baseline_on,
        "goal_type": key_result.goal_type,
    }
    expected = expected_progress(
        on,
        **agreed,
        baseline=key_result.baseline,
        target=target,
        milestones=milestones,
        launched_on=launched_on,
        lag_days=lag,
    )
    linear = expected_progress(on, **agreed)
    come = progress(value, baseline=key_result.baseline, target=target) if is_reach else None
    daily = pace(value, baseline=key_result.baseline, since=baseline_on, on=read_on) if is_reach else None
    needed = required_pace(value, target=target, on=on, period_end=key_result.period_end)
    best = None
    if is_reach and is_running:
        days_left = (key_result.period_end - on).days
        best = best_pace(view.history, span_days=days_left, rising=key_result.higher_is_better is not False)
    made = made if is_forecast else dict.fromkeys(made)
    judged = verdict(
        Facts(
            on=on,
            period_end=key_result.period_end,
            target=target,
            higher_is_better=key_result.higher_is_better,
            baseline=key_result.baseline,
            goal_type=key_result.goal_type,
            value=value,
            observed_on=last["observed_on"] if last else None,
            cadence_days=key_result.cadence_days,
            points=len(view.points),
            matured_share=matured,
            matured_on=matured_on(
                read_on, start=start, lag_days=lag, share=stated, needed=rules.readable_matured_share
            ),
            launched_on=launched_on,
            progress=come,
            expected=expected.value,
            expected_from=max(start, baseline_on, _live_on(expected.mode, launched_on, lag) or start)
            + timedelta(days=1),
            p_hit=made["p_hit"],
            half_width=None if made["low_80"] is None else (made["high_80"] - made["low_80"]) / 2,
            required_pace=needed if is_reach else None,
            best_pace=best,
            unit=key_result.unit,
            due_on=view.due_on,
            missing_reason=(last or {}).get("missing_reason"),
            others_hold=(last or {}).get("others_hold") is not False,
            other_conditions=(last or {}).get("other_conditions"),
            is_pooled=last is not None and last is view.pooled,
        ),
        rules,
    )
    gap, bands = (rule(come, linear.value, rules) for rule in (status_by_pace_gap, status_by_ratio_bands))
    return {
        "key_result_id": key_result.key_result_id,
        "evaluated_on": on,
        "period_start": start,
        "period_end": key_result.period_end,
        "goal_type": key_result.goal_type,
        "baseline": key_result.baseline,
        "target": target,
        "is_higher_better": key_result.higher_is_better,
        "value": value,
        "observed_on": last["observed_on"] if last else None,
        "points": len(view.points),
        "matured_share": matured if last else None,
        "progress": come,
        "expected_progress": expected.value,
        "expected_mode": expected.mode,
        "progress_ratio": progress_ratio(come, expected.value),
        "pace_per_week": _weekly(daily),
        "required_pace_per_week": _weekly(needed) if is_reach else None,
        "best_pace_per_week": _weekly(best) if is_reach else None,
        "pace_forecast": pace_forecast(value, daily=daily, on=read_on, period_end=key_result.period_end),
        **{name: made[name] for name in ("forecast", "low_80", "high_80", "low_95", "high_95", "p_hit")},
        "status": judged.status,
        "status_rule": judged.rule,
        "status_reason": judged.reason,
        "readable_on": judged.readable_on,
        "confidence": judged.confidence,
        "key_question": judged.key_question,
        "recommendation": judged.recommendation,
        "status_by_pace_gap": gap,
        "status_by_ratio_bands": bands,
        "rules_disagree": rules_disagree(judged.status, [gap, bands]) if is_running and last else False,
        **view.override,
        "recovery_plan": view.recovery_plan,
        **_held(view),
    }


def _held(view: View) -> dict[str, Any]:
    """How many readings of this period held what is to be maintained, and how the period as a whole did."""
    key_result = view.key_result
    if key_result.goal_type != "maintain" or key_result.higher_is_better is None or view.target is None:
        return {"readings_held": None, "readings_judged": None, "pooled_value": None, "pooled_status": None}
    judged = [
        _holds(row, view.target, key_result.higher_is_better)
        for row in view.known
        if row["observed_on"] >= key_result.period_start and row["value"] is not None and not row.get("missing_reason")
    ]
    pooled = view.pooled
    if pooled is not None and (pooled["value"] is None or pooled["observed_on"] > view.on):
        pooled = None
    return {
        "readings_held": sum(judged),
        "readings_judged": len(judged),
        "pooled_value": pooled["value"] if pooled else None,
        "pooled_status": None
        if pooled is None or pooled.get("missing_reason")
        else ("achieved" if _holds(pooled, view.target, key_result.higher_is_better) else "missed"),
    }


def _holds(row: dict[str, Any], target: float, higher_is_better: bool) -> bool:
    reaches = row["value"] >= target if higher_is_better else row["value"] <= target
    return bool(reaches) and row.get("others_hold") is not False


def _live_on(mode: str, launched_on: date | None, lag_days: int) -> date | None:
    return launched_on + timedelta(days=lag_days) if mode == "launch_aware" and launched_on else None


def _weekly(daily: float | None) -> float | None:
    return None if daily is None else 7 * daily
