"""The leadership update: 360 to 440 words, what needs a decision first, however many key results there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.composing import compose, counts, fill, listed, tally, two_sided
from metrics_py.reports.fitting import Part, Sections, fit
from metrics_py.reports.key_results import (
    EVERYONE,
    GREEN,
    LEVELS,
    SILENT,
    KeyResult,
    Scope,
    evaluated_on,
    read_key_results,
    running,
)
from metrics_py.reports.phrases import Phrases
from metrics_py.reports.published import Published, Row

FEWEST_WORDS, MOST_WORDS = 360, 440
LEFT_OUT = "for lack of room"
"""What a sentence says that counts what this document has no room for; no row of the snapshot knows that count."""
_PLAN_WORDS = 30
_ESCALATIONS_FIRST = 8
_ROWS_FIRST = 7
"""Items that are let in before other sections get their second one."""
_NOTES = (
    "Status is computed from the readings, not voted on: on track, at risk and off track follow the chance of reaching "
    "the target by the end of the period.",
    "Silence is never green: a key result without a recent reading is called stale, and one without any reading has no "
    "data.",
    "Too early means that what should move the result is too recent to show; the date from which it can be judged is "
    "given.",
    "Where there are too few readings for a chance, progress is held against what the plan expected by now, and "
    "confidence is low.",
    "A recovery plan is what the owner wrote with a reading: what will be done, by whom and by when.",
    "A person's own judgement is shown beside the computed status and never replaces it.",
    "The forecast mixes the trend of the readings with how much they jump about; the likely range holds the outcome "
    "most of the time.",
    "What was reached is judged on unrounded values; rounding is for reading only.",
    "Every number here comes from a published row and was checked against it when this was written; the health "
    "assessment shows each key result in full.",
    "The decision on a target is yours: a target may be changed once, at the midpoint review, with its reason, and "
    "attainment is then shown against both.",
    "Differences between percentages are in percentage points, written pp.",
    "An initiative is linked to the key results that it should move, with the change expected of it; what has launched "
    "is already part of the pace.",
    "High confidence takes many recent readings and a narrow forecast; low confidence means too few of them, or none "
    "that is recent.",
)


def leadership_update(published: Published, scope: Scope = EVERYONE) -> Document:
    """The update for leadership: table, risks with their plans, decisions asked and wins, in 360 to 440 words.

    Off-track key results without a recovery plan come first. What there is no room for is counted, never dropped
    in silence.

    Raises: WarehouseError for a missing table; UnusableInputError when nothing is running or the words cannot be met.
    """
    binder = Binder(published)
    say = Phrases(binder)
    key_results = running(read_key_results(published, scope))
    today = binder.day(evaluated_on(key_results), "evaluated_on")
    parts = [
        Part("tally", "opening", tally(binder, key_results)),
        *_escalations(say, key_results),
        *_table(say, key_results),
        *_goals(binder),
        *_risks(say, key_results),
        *_decisions(say, key_results),
        *_wins(say, key_results),
        *_next(say, key_results),
        *(Part(f"note-{place}", "notes", note, 200 + place) for place, note in enumerate(_NOTES)),
    ]

    def with_rest(sections: Sections, chosen: frozenset[str]) -> dict[str, object]:
        return {
            "today": today,
            "sections": sections,
            "others": _others(binder, [one for one in key_results if f"row-{one.key}" not in chosen]),
            "two_sided": two_sided([one for one in key_results if f"row-{one.key}" in chosen]),
            "unlisted_escalations": _unlisted(
                binder, [one for one in key_results if one.status["is_escalated"]], "escalation", chosen
            ),
            "unlisted_risks": _unlisted(binder, _at_risk(key_results), "risk", chosen),
        }

    def text_of(sections: Sections, chosen: frozenset[str]) -> str:
        return fill(binder, "leadership.md.j2", **with_rest(sections, chosen)).text

    sections, chosen = fit(parts, text_of, fewest=FEWEST_WORDS, most=MOST_WORDS)
    return compose(binder, "leadership.md.j2", **with_rest(sections, chosen))


def _escalations(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[Part]:
    escalated = [one for one in key_results if one.status["is_escalated"]]
    for place, one in enumerate(escalated):
        name = f"escalation-{one.key}"
        text = f"**{say.name(one)}** ({say.owner(one)}) is off track without a recovery plan."
        yield Part(
            name, "escalations", text, 0 if place == 0 else 1 + place if place < _ESCALATIONS_FIRST else 20 + place
        )
        for offset, (kind, more) in enumerate(
            [
                ("reason", say.reason(one)),
                ("pace", say.pace(one)),
                ("forecast", say.forecast(one, has_chance=False)),
                ("question", say.question(one)),
            ]
        ):
            if more:
                yield Part(f"{name}-{kind}", "escalations", more, 30 + 30 * offset + place, under=name)


def _table(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[Part]:
    # The company's own first: that is what the update is about.
    ordered = sorted(key_results, key=lambda one: LEVELS.index(one.agreed["org_level"]))
    for place, one in enumerate(ordered):
        cells = [say.name(one), say.now(one), say.target(one), say.chance_cell(one), say.label(one, is_capital=True)]
        rank = 0 if place == 0 else 9 + place if place < _ROWS_FIRST else 22 + 2 * place
        yield Part(f"row-{one.key}", "rows", f"| {' | '.join(cells)} |", rank)


def _goals(binder: Binder) -> Iterator[Part]:
    if not binder.published.has("scoreboard"):
        return
    rows = binder.published.rows(
        "scoreboard", by=["goal_id", "org_level", "squad_id", "person_id"], where={"org_level": "company"}
    )
    for place, row in enumerate(sorted(rows, key=lambda row: (row["goal_level"], row["goal_id"]))):
        said = f"{binder.words(row, 'goal_name')}: {binder.words(row, 'status', 'status')}"
        if row["value"] is not None:
            said += f" at {binder.number(row, 'value', against=('target',))}"
        yield Part(f"goal-{row['goal_id']}", "goals", f"{said}.", 70 + 5 * place)


def _at_risk(key_results: Sequence[KeyResult]) -> list[KeyResult]:
    return [
        one
        for one in key_results
        if not one.status["is_escalated"] and (one.label in ("off_track", "at_risk") or one.label in SILENT)
    ]


def _risks(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[Part]:
    found = _at_risk(key_results)
    for place, one in enumerate(found):
        name = f"risk-{one.key}"
        plan = say.plan(one, _PLAN_WORDS) or say.comment(one, _PLAN_WORDS) or f"Next: {say.recommendation(one)}"
        yield Part(
            name,
            "risks",
            f"**{say.name(one)}** ({say.owner(one)}), {say.label(one)}: {say.reason(one, is_clause=True)}. {plan}",
            0 if place == 0 else 17 + 3 * place,
        )
        for offset, (kind, text) in enumerate(
            [
                ("forecast", say.forecast(one, has_chance=False)),
                ("pace", say.pace(one)),
                ("question", say.question(one)),
            ]
        ):
            if text:
                yield Part(f"{name}-{kind}", "risks", text, 61 + 30 * offset + place, under=name)
    if not found:
        is_calm = not any(one.status["is_escalated"] for one in key_results)
        yield Part(
            "risk-none",
            "risks",
            "No key result is at risk, off track or without a recent reading."
            if is_calm
            else "There is no risk beyond those that need a recovery plan.",
        )


def _decisions(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[Part]:
    asked = [*_asked_of_key_results(say, key_results), *_asked_of_initiatives(say, key_results)]
    for place, text in enumerate(asked):
        yield Part(f"decision-{place}", "decisions", text, 0 if place == 0 else 16 + 4 * place)
    if not asked:
        yield Part("decision-none", "decisions", "No decision is asked this time.")


def _asked_of_key_results(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[str]:
    escalated = [one for one in key_results if one.status["is_escalated"]]
    if escalated:
        which = "the key result at the top" if len(escalated) == 1 else "each key result at the top"
        owners = listed(_owners(say, escalated))
        yield f"From {owners}: a recovery plan with a date for {which}, or a new target with its reason."
    planned = [one for one in key_results if one.label == "off_track" and not one.status["is_escalated"]]
    if planned:
        if len(planned) > 2:
            count = say.binder.how_many([one.status for one in planned])
            yield f"Back the recovery plans of the {count} off-track key results with one, or change their targets."
        else:
            yield f"Back the recovery plan for {_named(say, planned)}, or change the target with a reason."
    unread = [one for one in key_results if one.label in ("no_data", "stale")]
    if unread:
        yield f"Name who reads {_named(say, unread)}, and by when."
    aimless = [one for one in key_results if one.label == "no_target"]
    if aimless:
        yield f"Say what would count as done for {_named(say, aimless)}."


def _owners(say: Phrases, key_results: Sequence[KeyResult]) -> list[str]:
    first_of_owner = {one.status["owner_id"]: one for one in reversed(key_results)}
    return [say.owner(one) for one in key_results if first_of_owner[one.status["owner_id"]] is one]


def _named(say: Phrases, key_results: Sequence[KeyResult]) -> str:
    if len(key_results) <= 2:
        return listed([say.quoted(one) for one in key_results])
    counted = say.binder.how_many([one.status for one in key_results], "key result", "key results")
    label = say.binder.words(key_results[0].status, "status", "status_counted")
    is_alike = len({one.label for one in key_results}) == 1
    return f"the {counted} {label}" if is_alike else f"the {counted} without a recent reading"


def _asked_of_initiatives(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[str]:
    today = evaluated_on(key_results)["evaluated_on"]
    seen: set[str] = set()
    for one in key_results:
        for initiative in one.initiatives:
            planned = initiative["planned_launch_on"]
            if initiative["launch_on"] is None and planned is not None and planned < today:
                if initiative["initiative_id"] not in seen:
                    name, day = say.binder.words(initiative, "name"), say.binder.day(initiative, "planned_launch_on")
                    yield f"Decide whether and when “{name}” launches; it was planned for {day}."
                seen.add(initiative["initiative_id"])


def _wins(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[Part]:
    reached = [one for one in key_results if one.label == "achieved"]
    improved = [
        one
        for one in key_results
        if one.changed and one.label == "on_track" and one.earlier is not None
        and one.earlier["status"] in ("at_risk", "off_track")
    ]  # fmt: skip
    steady = [one for one in key_results if one.label == "on_track" and one not in improved]
    texts = [
        *((one, f"**{say.name(one)}** has reached its target: {say.now(one)} against {say.target(one)}.")
          for one in reached),
        *((one, f"**{say.name(one)}** is on track again, at {say.now(one)} against {say.target(one)}.")
          for one in improved),
        *((one, f"**{say.name(one)}** is on track, at {say.now(one)} against {say.target(one)}.") for one in steady),
    ]  # fmt: skip
    for place, (one, text) in enumerate(texts):
        name = f"win-{one.key}"
        yield Part(name, "wins", text, 0 if place == 0 else 18 + 6 * place)
        if say.forecast(one):
            yield Part(f"{name}-forecast", "wins", say.forecast(one), 130 + place, under=name)
        yield Part(f"{name}-question", "wins", say.question(one), 160 + place, under=name)
    if not texts:
        yield Part("win-none", "wins", "No key result is on track or has reached its target.")


def _next(say: Phrases, key_results: Sequence[KeyResult]) -> Iterator[Part]:
    today = evaluated_on(key_results)["evaluated_on"]
    coming: dict[str, Row] = {}
    for one in key_results:
        for initiative in one.initiatives:
            planned = initiative["planned_launch_on"]
            if initiative["launch_on"] is None and planned and today <= planned <= today + timedelta(days=60):
                coming.setdefault(initiative["initiative_id"], initiative)
    for place, initiative in enumerate(sorted(coming.values(), key=lambda row: (row["planned_launch_on"], row.key))):
        name, day = say.binder.words(initiative, "name"), say.binder.day(initiative, "planned_launch_on")
        yield Part(f"launch-{place}", "next", f"“{name}” launches on {day}.", 80 + 6 * place)
    readable = [one for one in key_results if one.label == "too_early" and one.status["readable_on"] is not None]
    for place, one in enumerate(readable):
        day = say.binder.day(one.status, "readable_on")
        yield Part(f"readable-{one.key}", "next", f"{say.quoted(one)} can be judged from {day}.", 82 + 6 * place)
    for place, one in enumerate(key_results):
        text = f"For {say.quoted(one)} we ask: {say.question(one)}"
        if one.label in ("too_early", *GREEN):
            yield Part(f"question-{one.key}", "next", text, 170 + place)
    for place, one in enumerate(key_results):
        yield Part(f"standing-{one.key}", "next", f"{say.quoted(one)}: {say.standing(one)}", 190 + place)


def _others(binder: Binder, left_out: Sequence[KeyResult]) -> str:
    if not left_out:
        return ""
    return f"Not in the table, {LEFT_OUT}: {counts(binder, left_out)}."


def _unlisted(binder: Binder, found: Sequence[KeyResult], kind: str, chosen: frozenset[str]) -> str:
    left_out = [one.status for one in found if f"{kind}-{one.key}" not in chosen]
    if not left_out:
        return ""
    return f"{binder.how_many(left_out, 'more is', 'more are')} in the health assessment, {LEFT_OUT}."
