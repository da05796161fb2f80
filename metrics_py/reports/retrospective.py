"""The retrospective of a closed period: what was attained, what held it back, and what was learned.

People's judgement is asked for where it belongs and never made up: such places are marked "For the team to fill in".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from metrics_py.errors import ConfigurationError
from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.composing import compose, listed, two_sided
from metrics_py.reports.key_results import EVERYONE, KeyResult, Period, Scope, find_period, read_key_results
from metrics_py.reports.learnings import learning_lines
from metrics_py.reports.phrases import Phrases
from metrics_py.reports.published import Cell, Published, Row

_ORPHAN_REASONS = {
    "no_key_result": "no key result is linked to it",
    "unknown_key_result": "the key result it is linked to does not exist",
    "key_result_without_goal": "its key result serves no goal",
    "unknown_goal": "the goal of its key result does not exist",
}


def retrospective(published: Published, period: str, scope: Scope = EVERYONE) -> Document:
    """The retrospective of a fiscal quarter or half-year that is over.

    Key results belong to the period in which they close. Attainment is the raw share of the way; a key result that is
    to hold a value has none and is only held or not.

    Raises: ConfigurationError for a period that is unknown or not over; WarehouseError for a missing table.
    """
    binder = Binder(published)
    say = Phrases(binder)
    span = find_period(published, period)
    everything = read_key_results(published, scope)
    today = max(one.status["evaluated_on"] for one in everything)
    if today < span.end:
        raise ConfigurationError(
            f"{span.name} runs until the day before {span.end}, and the newest evaluation is of {today}; a "
            "retrospective looks back on a period that is over. For one that runs: metrics-py okr midpoint"
        )
    closed = [one for one in everything if one.is_closed and span.start < one.status["period_end"] <= span.end]
    missed = [one for one in closed if one.label != "achieved"]
    return compose(
        binder,
        "retrospective.md.j2",
        period=_name_of(binder, span),
        opening=_opening(say, span, everything, closed),
        closed=closed,
        start=lambda one: "–" if one.status["baseline"] is None or not one.is_reach
        else binder.number(one.status, "baseline", against=("target",)),
        attainment=lambda one: _attainment(binder, one),
        two_sided=two_sided(closed),
        averages=_averages(binder, closed),
        forecasts=_forecasts(binder, closed),
        target_changes=[text for text in (_target_change(say, one) for one in closed) if text],
        limits=[(one, " ".join(_limits(say, one, span))) for one in missed],
        initiatives=list(_initiatives(say, everything, closed, span)),
        orphans=list(_orphans(binder, span)),
        learnings=learning_lines(binder, span.names),
        process=list(_process(say, closed)),
        carried=[_carried(say, one) for one in missed],
    )  # fmt: skip


def _name_of(binder: Binder, span: Period) -> str:
    if span.name[4] == "Q":
        return binder.words(span.first, "fiscal_quarter", "period")
    return binder.bind([span.first.cell("fiscal_quarter")], "half_year")


def _opening(say: Phrases, span: Period, everything: Sequence[KeyResult], closed: Sequence[KeyResult]) -> str:
    binder = say.binder
    running_on = [one for one in everything if one.status["period_start"] < span.end < one.status["period_end"]]
    if closed:
        said = f"{binder.how_many([one.status for one in closed], 'key result', 'key results')} closed in this period."
    else:
        said = "No key result closed in this period."
    if not running_on:
        return said
    verdicts = [row for row in (_at_end(one, span.end) for one in running_on) if row is not None]
    if not verdicts:
        return said
    groups: dict[str, list[Row]] = {}
    for row in verdicts:
        groups.setdefault(row["status"], []).append(row)
    counts = [
        f"{binder.how_many(rows)} {binder.words(rows[0], 'status', 'status_counted')}" for rows in groups.values()
    ]
    ran = binder.how_many(verdicts, "more was", "more were") if closed else binder.how_many(verdicts, "was", "were")
    return f"{said} {ran} still running at its end: {listed(counts)}."


def _at_end(one: KeyResult, end: date) -> Row | None:
    return next((row for row in reversed(one.history) if row["evaluated_on"] <= end), None)


def _cells(one: KeyResult, target: str = "target") -> list[Cell]:
    where = one.agreed if target == "original_target" else one.status
    return [one.status.cell("current_value"), one.status.cell("baseline"), where.cell(target)]


def _is_measured(one: KeyResult) -> bool:
    return one.is_reach and all(one.status[name] is not None for name in ("current_value", "baseline", "target"))


def _attainment(binder: Binder, one: KeyResult) -> str:
    if not one.is_reach:
        return "–"
    if not _is_measured(one):
        return "not measured"
    return binder.bind(_cells(one), "attainment", operation="attainment")


def _averages(binder: Binder, closed: Sequence[KeyResult]) -> str:
    measured = [one for one in closed if _is_measured(one)]
    said = []
    if measured:
        mean = binder.bind(
            [cell for one in measured for cell in _cells(one)], "attainment", operation="mean_attainment"
        )
        over = binder.how_many([one.status for one in measured], "key result", "key results")
        said.append(
            f"Mean attainment is {mean}, over {over} that had to go from a baseline to a target; each counts for at "
            "most its whole way."
        )
    unread = [one for one in closed if one.is_reach and not _is_measured(one)]
    if unread:
        left_out = binder.how_many([one.status for one in unread], "was", "were")
        said.append(f"Beside these, {left_out} never measured and left out of the mean, not counted as nothing.")
    achieved = [one.status for one in closed if one.label == "achieved"]
    total = binder.how_many([one.status for one in closed])
    if achieved:
        said.append(f"Of {total} that closed, {binder.how_many(achieved)} reached or held the target.")
    elif closed:
        said.append("No key result that closed reached its target." if len(closed) > 1 else "It missed its target.")
    return " ".join(said)


def _forecasts(binder: Binder, closed: Sequence[KeyResult]) -> str:
    if not binder.published.has("forecast_scores"):
        return ""
    keys = {one.key for one in closed}
    rows = [
        row
        for row in binder.published.rows("forecast_scores", by=["key_result_id", "made_on", "method"])
        if row["key_result_id"] in keys and row["brier"] is not None
    ]
    made = [row for row in rows if row["method"] == "mixture" and row["in_80"] is not None]
    if not made:
        return ""
    days = {(row["key_result_id"], row["made_on"]) for row in made}
    rival = [row for row in rows if row["method"] == "last_value" and (row["key_result_id"], row["made_on"]) in days]
    inside = [row for row in made if row["in_80"]]
    said = (
        f"{binder.how_many(made, 'forecast', 'forecasts')} of these key results can be held against what came. The "
        f"outcome lay inside the likely range of {_how_many_of(binder, inside, made)} of them. "
        f"Their mean Brier score, which is lower the better, is {_mean_brier(binder, made)}"
    )
    if len(rival) != len(made):
        return f"{said}."
    return f"{said}; to expect the last value to stay would have given {_mean_brier(binder, rival)}."


def _how_many_of(binder: Binder, some: Sequence[Row], all_of_them: Sequence[Row]) -> str:
    if not some:
        return "none"
    return "each" if len(some) == len(all_of_them) else binder.how_many(some)


def _mean_brier(binder: Binder, rows: Sequence[Row]) -> str:
    return binder.bind([row.cell("brier") for row in rows], "score", operation="mean")


def _target_change(say: Phrases, one: KeyResult) -> str:
    change = say.target_change(one)
    if not change:
        return ""
    text = f"**{say.name(one)}** ({say.owner(one)}). {change}"
    if _is_measured(one):
        against = say.binder.bind(_cells(one, "original_target"), "attainment", operation="attainment")
        text += f" Against the original target the attainment is {against}."
    return text


def _limits(say: Phrases, one: KeyResult, span: Period) -> Iterator[str]:
    binder, status = say.binder, one.status
    if status["current_value"] is None:
        yield "it was never read."
    elif one.is_reach and status["target"] is not None:
        yield f"it closed {binder.gap(status, 'target', 'current_value')} short of its target."
    else:
        yield f"{say.reason(one, is_clause=True)}."
    during = [row for row in one.history if row["evaluated_on"] < status["period_end"]]
    warned = [row for row in during if row["status"] in ("at_risk", "off_track")]
    if warned:
        yield (
            f"It was at risk or off track in {binder.how_many(warned)} of "
            f"{binder.how_many(during, 'evaluation', 'evaluations')}"
            + (", first on " + binder.day(warned[0], "evaluated_on") + "." if len(warned) > 1 else ".")
        )
    late = [row for row in one.initiatives if _is_late(row)]
    if late:
        yield f"Launched late: {listed(_late(binder, row) for row in late)}."
    missing = [row for row in one.initiatives if row["launch_on"] is None or row["launch_on"] >= span.end]
    if missing:
        names = listed(f"“{binder.words(row, 'name')}”" for row in missing)
        yield f"Not launched by the end of the period: {names}."
    if not one.initiatives:
        yield "No initiative was linked to it."


def _is_late(row: Row) -> bool:
    launched, planned = row["launch_on"], row["planned_launch_on"]
    return launched is not None and planned is not None and launched > planned


def _late(binder: Binder, row: Row) -> str:
    days = binder.days_between(row, "planned_launch_on", "launch_on")
    return f"“{binder.words(row, 'name')}” ({days} after its planned day)"


def _initiatives(
    say: Phrases, everything: Sequence[KeyResult], closed: Sequence[KeyResult], span: Period
) -> Iterator[str]:
    binder = say.binder
    for one in everything:
        for row in one.initiatives:
            days = [day for day in (row["planned_launch_on"], row["launch_on"]) if day is not None]
            is_of_period = one in closed or any(span.start <= day < span.end for day in days)
            if not is_of_period or one.status["period_start"] >= span.end:
                continue
            planned = binder.day(row, "planned_launch_on") if row["planned_launch_on"] else "no day"
            yield (
                f"| {binder.words(row, 'name')} | {say.name(one)} | {planned} | {_launched(binder, row, span)} "
                f"| {_outcome(say, one)} |"
            )


def _launched(binder: Binder, row: Row, span: Period) -> str:
    if row["launch_on"] is None:
        return "not yet"
    launched = binder.day(row, "launch_on")
    if not _is_late(row):
        return launched
    return f"{launched}, {binder.days_between(row, 'planned_launch_on', 'launch_on')} late"


def _outcome(say: Phrases, one: KeyResult) -> str:
    if not one.is_closed:
        return f"still running, {say.label(one)}"
    if _is_measured(one):
        return f"{say.label(one)}, {_attainment(say.binder, one)} attained"
    return say.label(one)


def _orphans(binder: Binder, span: Period) -> Iterator[str]:
    for row in binder.published.rows("initiative_links", by=["link_id"]):
        days = [day for day in (row["planned_launch_on"], row["launch_on"]) if day is not None]
        if row["is_orphan"] and any(span.start <= day < span.end for day in days):
            yield f"{binder.words(row, 'name')}: {_ORPHAN_REASONS.get(row['orphan_reason'], 'it reaches no goal')}."


def _process(say: Phrases, closed: Sequence[KeyResult]) -> Iterator[str]:
    silent = [one for one in closed if one.label in ("stale", "no_data")]
    if silent:
        yield f"Why was nobody reading {listed(say.quoted(one) for one in silent)} when the period closed?"
    changed = [one for one in closed if one.agreed.get("original_target") is not None]
    if changed:
        yield f"Would we change the target of {listed(say.quoted(one) for one in changed)} again, knowing how it ended?"
    without = [one for one in closed if not one.initiatives]
    if without:
        names = (
            listed(say.quoted(one) for one in without)
            if len(without) <= 3
            else say.binder.how_many([one.status for one in without], "key result", "key results")
        )
        yield f"What did we expect to move {names}, when no initiative was linked?"
    yield "Which reading came too late to act on?"
    yield "Where did we see the trouble coming and wait?"


def _carried(say: Phrases, one: KeyResult) -> str:
    name = f"{say.name(one)} ({say.owner(one)})"
    if _is_measured(one):
        return f"{name}: {say.binder.gap(one.status, 'target', 'current_value')} short of its target."
    if one.status["current_value"] is None or one.status["target"] is None:
        return f"{name}: {say.reason(one, is_clause=True)}."
    if one.meets_target:
        return f"{name}: {say.now(one)}, which meets {say.target(one)}, but not what its goal asks beside it."
    return f"{name}: {say.now(one)} where {say.target(one)} was asked."
