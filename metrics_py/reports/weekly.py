"""The weekly update: what changed since the week before, where each key result stands and what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.composing import compose, tally, two_sided
from metrics_py.reports.key_results import EVERYONE, GREEN, KeyResult, Scope, evaluated_on, read_key_results, running
from metrics_py.reports.phrases import Phrases
from metrics_py.reports.published import Published, Row

_SOON_DAYS = 14


def weekly_update(published: Published, scope: Scope = EVERYONE) -> Document:
    """The weekly update of the running key results of a scope.

    Raises: WarehouseError for a missing table; UnusableInputError when no key result of the scope is running.
    """
    binder = Binder(published)
    say = Phrases(binder)
    key_results = running(read_key_results(published, scope))
    newest = evaluated_on(key_results)
    return compose(
        binder,
        "weekly.md.j2",
        today=binder.day(newest, "evaluated_on"),
        tally=tally(binder, key_results),
        two_sided=two_sided(key_results),
        escalated=[one for one in key_results if one.status["is_escalated"]],
        changes=list(_changes(say, key_results)),
        key_results=key_results,
        change=lambda one: _change(say, one),
        attention=[one for one in key_results if one.label not in (*GREEN, "too_early")],
        early=[one for one in key_results if one.label == "too_early"],
        unread=list(_due(say, key_results, newest["evaluated_on"])),
        launches=list(_launches(say, key_results, newest["evaluated_on"])),
    )


def _changes(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[str]:
    for one in key_results:
        if one.changed and one.earlier is not None:
            was = say.binder.words(one.earlier, "status", "status")
            yield f"**{say.name(one)}** went from {was} to {say.label(one)}: {say.reason(one, is_clause=True)}."


def _change(say: Phrases, one: KeyResult) -> str:
    if one.earlier is None or one.earlier["current_value"] is None or one.status["current_value"] is None:
        return "–"
    if one.earlier["current_on"] == one.status["current_on"]:
        return "no new reading"
    return say.binder.change(one.status, one.earlier, "current_value")


def _due(say: Phrases, key_results: Sequence[KeyResult], today: date) -> Iterator[str]:
    for one in key_results:
        read_on, cadence = one.status["current_on"], one.agreed["cadence_days"]
        if read_on is None and one.label == "too_early":
            continue
        if read_on is None:
            yield f"{say.quoted(one)} ({say.owner(one)}) has never been read."
        elif cadence is not None and (today - read_on).days > cadence:
            last, every = (
                say.binder.day(one.status, "current_on"),
                say.binder.whole(one.agreed, "cadence_days", "day", "days"),
            )
            yield f"{say.quoted(one)} ({say.owner(one)}) was last read on {last}; a reading is due every {every}."


def _launches(say: Phrases, key_results: Sequence[KeyResult], today: date) -> Iterator[str]:
    found: dict[str, tuple[Row, KeyResult]] = {}
    for one in key_results:
        for initiative in one.initiatives:
            found.setdefault(initiative["initiative_id"], (initiative, one))
    for initiative, _ in sorted(found.values(), key=lambda pair: (_launch_day(pair[0]) or date.max, pair[0].key)):
        launched, planned = initiative["launch_on"], initiative["planned_launch_on"]
        name = f"“{say.binder.words(initiative, 'name')}”"
        if launched is not None and today - timedelta(days=7) <= launched <= today:
            yield f"{name} launched on {say.binder.day(initiative, 'launch_on')}."
        elif launched is None and planned is not None and planned < today:
            yield f"{name} was planned for {say.binder.day(initiative, 'planned_launch_on')} and has not launched."
        elif launched is None and planned is not None and planned <= today + timedelta(days=_SOON_DAYS):
            yield f"{name} is planned for {say.binder.day(initiative, 'planned_launch_on')}."


def _launch_day(initiative: Row) -> date | None:
    day: date | None = initiative["launch_on"] or initiative["planned_launch_on"]
    return day
