"""Proposals for the next targets: every term with the rows it comes from, and targets that nothing supports flagged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from metrics_py.okr.targets import MOST_INITIATIVES, NextTarget, check_target
from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.composing import compose, counts, listed
from metrics_py.reports.key_results import (
    EVERYONE,
    KeyResult,
    Period,
    Scope,
    find_period,
    quarters_of,
    read_key_results,
)
from metrics_py.reports.next_terms import next_operation, proposal
from metrics_py.reports.phrases import Phrases
from metrics_py.reports.published import Cell, Published, Row

_NEVER_NEGATIVE = ("share", "%", "percent", "count", "usd", "days", "weeks", "hours", "minutes", "seconds")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One key result's section of the document."""

    title: str
    opening: str
    terms: tuple[str, ...]
    levels: str
    remarks: tuple[str, ...]


def next_targets(published: Published, period: str | None = None, scope: Scope = EVERYONE) -> Document:
    """What the next targets could be, term by term: last value, momentum and the initiatives still to launch.

    It looks at key results that end as the period starts and at those that run on through it. Time is counted from the
    period's first day, or from the newest evaluation while that day is still ahead. What has launched is in the
    momentum already and is not counted twice.

    Args:
        published: the snapshot.
        period: fiscal quarter or half-year; null for the quarter that begins next.
        scope: whose key results.
    Raises: ConfigurationError for an unknown period; UnusableInputError when no key result leads into it.
    """
    binder = Binder(published)
    say = Phrases(binder)
    everything = read_key_results(published, scope)
    today = max(one.status["evaluated_on"] for one in everything)
    span = find_period(published, period or _next_quarter(published, today))
    leading = [one for one in everything if _leads_into(one, span)]
    reaching = [one for one in leading if one.is_reach]
    ready = [one for one in reaching if _is_ready(one)]
    drafts = [_Draft(say, one, span, everything) for one in ready]
    return compose(
        binder,
        "next_targets.md.j2",
        period=binder.words(span.first, "fiscal_quarter", "period") if span.name[4] == "Q"
        else binder.bind([span.first.cell("fiscal_quarter")], "half_year"),
        opening=_opening(binder, leading, span),
        unsupported=[text for draft in drafts for text in draft.unsupported()],
        proposals=[draft.proposal() for draft in drafts],
        held=_held(binder, [one for one in leading if not one.is_reach]),
        unknown=[f"{say.quoted(one)} ({say.owner(one)}): {say.reason(one, is_clause=True)}."
                 for one in reaching if one not in ready],
    )  # fmt: skip


def _next_quarter(published: Published, today: date) -> str:
    ahead = {name: row for name, row in quarters_of(published).items() if row["quarter_start"] > today}
    return min(ahead, key=lambda name: ahead[name]["quarter_start"]) if ahead else f"{today.year}Q4"


def _leads_into(one: KeyResult, span: Period) -> bool:
    status = one.status
    runs_through = status["period_start"] < span.start and span.start < status["period_end"]
    return bool(status["period_end"] == span.start or (runs_through and status["period_end"] >= span.end))


def _is_ready(one: KeyResult) -> bool:
    status = one.status
    needed = ("current_value", "target", "baseline", "pace_per_week")
    return all(status[name] is not None for name in needed) and one.label not in ("stale", "no_data", "no_target")


def _opening(binder: Binder, leading: Sequence[KeyResult], span: Period) -> str:
    if not leading:
        return "No key result ends as this period starts or runs through it, so there is no target to propose."
    several = binder.how_many([one.status for one in leading], "key result leads", "key results lead")
    return (
        f"{several} into this period, which runs from {binder.day(span.first, 'quarter_start')} to "
        f"{binder.last_day(span.last, 'quarter_end')}. The commit level is the cautious one, the target the even bet "
        "and stretch the long shot."
    )


def _held(binder: Binder, key_results: Sequence[KeyResult]) -> str:
    if not key_results:
        return ""
    several = binder.how_many(
        [one.status for one in key_results],
        "key result holds a value and needs no new target unless the bar itself is to move",
        "key results hold a value and need no new target unless the bar itself is to move",
    )
    return f"{several}: {counts(binder, key_results)}."


class _Draft:
    """One key result's proposal while it is being written."""

    def __init__(self, say: Phrases, one: KeyResult, span: Period, everything: Sequence[KeyResult]) -> None:
        self.say, self.binder, self.one, self.status = say, say.binder, one, one.status
        self.is_rising = one.status["target"] > one.status["baseline"]
        self.is_forecast = one.is_judged and one.status["forecast_low_80"] is not None
        self.start = span.first.cell("quarter_start") if one.is_closed else one.status.cell("evaluated_on")
        self.end = span.last.cell("quarter_end")
        self.first_day: date = self.binder.published.value(self.start)
        self.last_day: date = self.binder.published.value(self.end)
        self.successor = _successor(one, span, everything)
        # What is planned for the period is linked to the key result that takes its place there.
        following = self.successor.initiatives if self.successor else ()
        known = {row["initiative_id"] for row in following}
        linked = [*following, *(row for row in one.initiatives if row["initiative_id"] not in known)]
        self.coming = [row for row in linked if self._is_coming(row)][:MOST_INITIATIVES]
        self.overdue = [row for row in linked if self._is_overdue(row)]
        self.launched = [row for row in linked if row["launch_on"] is not None and row not in self.coming]

    def _is_coming(self, row: Row) -> bool:
        live_on = row[_live_column(row)]
        is_sized = row["effect"] is not None and row["probability"] is not None
        return is_sized and live_on is not None and bool(self.first_day <= live_on < self.last_day)

    def _is_overdue(self, row: Row) -> bool:
        planned = row["planned_launch_on"]
        return row["launch_on"] is None and planned is not None and planned < self.first_day

    def _cells(self) -> list[Cell]:
        low, high = ("forecast_low_80", "forecast_high_80") if self.is_forecast else ("pace_per_week", "pace_per_week")
        named = ("current_value", low, high, "evaluated_on", "period_end")
        initiatives = [row.cell(name) for row in self.coming for name in ("effect", "probability", _live_column(row))]
        return [*(self.status.cell(name) for name in named), self.start, self.end, *initiatives]

    def _term(self, term: str, form: str = "figure", against: Sequence[Cell] = ()) -> str:
        name = next_operation(term, is_forecast=self.is_forecast, is_rising=self.is_rising)
        return self.binder.bind(self._cells(), form, operation=name, unit=self.status["unit"] or "", against=against)

    def proposal(self) -> Proposal:
        """The section: the terms, their sum, the three levels and what else there is to know."""
        say = self.say
        return Proposal(
            title=say.name(self.one),
            opening=f"Owner: {say.owner(self.one)}. {self._counted_from()}",
            terms=tuple(self._rows()),
            levels=self._levels(),
            remarks=tuple(
                text
                for text in (
                    self._verdict(),
                    self._launched(),
                    f"Overdue and not counted, for want of a new day: {self._names(self.overdue)}."
                    if self.overdue
                    else "",
                )
                if text
            ),
        )

    def _levels(self) -> str:
        if not self._is_possible():
            return (
                "The terms lead beyond what can be measured, so the momentum will not last, and no level is named. "
                "Choose one from the last value and the initiatives."
            )
        if not self.is_forecast:
            readings = self.binder.whole(self.status, "n_points", "reading", "readings")
            return (
                f"The pace rests on {readings}, the baseline among them, which gives no range; so no level is named. "
                "With more readings there will be a commit, a target and a stretch level."
            )
        return (
            f"Commit to {self._term('commit', 'term')}, aim for {self._term('target', 'term')}, "
            f"and call {self._term('stretch', 'term')} a stretch."
        )

    def _is_possible(self) -> bool:
        made, _, _ = self._made()
        levels = (made.expected, made.commit, made.target, made.stretch)
        unit = self.status["unit"]
        lowest = 0 if unit in _NEVER_NEGATIVE else None
        highest = {"share": 1, "%": 100, "percent": 100}.get(unit or "")
        return all((lowest is None or level >= lowest) and (highest is None or level <= highest) for level in levels)

    def _made(self) -> tuple[NextTarget, float, float]:
        values = [self.binder.published.value(cell) for cell in self._cells()]
        return proposal(values, is_forecast=self.is_forecast, is_rising=self.is_rising)

    def _counted_from(self) -> str:
        binder = self.binder
        if self.start.column == "evaluated_on":
            return (
                f"It still runs, so time is counted from {binder.bind([self.start], 'day')}, the day of the newest "
                "evaluation."
            )
        return f"It closed at {self.say.now(self.one)}, and time is counted from the first day of the period."

    def _rows(self) -> Iterator[str]:
        binder = self.binder
        last = binder.number(self.status, "current_value", against=("target",), form="term")
        yield f"| Last value | {last} | read on {binder.day(self.status, 'current_on')} |"
        weeks = binder.bind([self.start, self.end], "figure", operation="weeks_between", unit="weeks")
        yield f"| Momentum | {self._term('momentum', 'change')} | {self._rates()} a week over {weeks} |"
        for place, row in enumerate(self.coming):
            effect = binder.bind([row.cell("effect")], "change", unit=self.status["unit"] or "")
            likely = binder.share(row, "probability")
            live = binder.bind([row.cell(_live_column(row)), self.start, self.end], "percent", operation="live_share")
            on = binder.day(row, _live_column(row))
            yield (
                f"| {binder.words(row, 'name')} | {self._term(f'initiative{place}', 'change')} "
                f"| {effect} if it works, {likely} likely, live for {live} of the time from its launch on {on} |"
            )
        yield f"| Expected | {self._term('expected', 'term')} | the sum |"

    def _rates(self) -> str:
        if not self.is_forecast:
            return self._term("slow", "change")
        slow, fast = self._term("slow", "change"), self._term("fast", "change")
        return f"{slow} to {fast}"

    def _verdict(self) -> str:
        held = self.successor or (self.one if self.status["period_end"] == self.last_day else None)
        if held is None or held.status["target"] is None:
            return ""
        target = self.say.target(held)
        name = "The target in force" if held is self.one else "The target that is already set"
        if self._supports(held):
            stretch = self._term("stretch", "term", against=[held.status.cell("target")])
            return f"{name}, {target}, is supported: it lies within stretch, {stretch}."
        return (
            f"{name}, {target}, is not supported: the terms lead to {self._expected_against(held)}. "
            "Name what adds the rest, or change it."
        )

    def _supports(self, held: KeyResult) -> bool:
        return check_target(held.status["target"], self._made()[0]).is_supported

    def _expected_against(self, held: KeyResult) -> str:
        return self._term("expected", against=[held.status.cell("target")])

    def unsupported(self) -> Iterator[str]:
        """The line that flags its target, where nothing supports it."""
        held = self.successor or (self.one if self.status["period_end"] == self.last_day else None)
        if held is not None and held.status["target"] is not None and not self._supports(held):
            yield (
                f"**{self.say.name(held)}** ({self.say.owner(held)}): the target is {self.say.target(held)}, and the "
                f"terms lead to {self._expected_against(held)}."
            )

    def _launched(self) -> str:
        if not self.launched:
            return ""
        return f"Already launched, and so in the momentum: {self._names(self.launched)}."

    def _names(self, rows: Sequence[Row]) -> str:
        return listed(f"“{self.binder.words(row, 'name')}”" for row in rows)


def _live_column(row: Row) -> str:
    return "planned_launch_on" if row["launch_on"] is None else "launch_on"


def _successor(one: KeyResult, span: Period, everything: Sequence[KeyResult]) -> KeyResult | None:
    same = ("measure", "org_level", "squad_id")
    return next(
        (
            other
            for other in everything
            if other is not one
            and other.status["period_start"] == span.start
            and other.agreed["measure"] is not None
            and all(other.agreed[name] == one.agreed[name] for name in same)
        ),
        None,
    )
