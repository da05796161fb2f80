"""Insights: which notes are one, when their clock started and stopped, and how the days divide."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import polars as pl

from metrics_py.sample.calendar import AS_OF, EXTRACTS, FIRST_EXTRACT, local_date
from metrics_py.sample.truth.cards import Card, KnownLaunch
from metrics_py.sample.truth.change_times import ChangeTime, days_between, extract_before, first_shown, observed
from metrics_py.sample.world.company import World
from metrics_py.sample.world.traces import note_changes, webhook_receipts

Row = dict[str, Any]
Receipts = dict[tuple[str, str], list[datetime]]


def insight_rows(world: World, cards: dict[str, Card]) -> tuple[list[Row], list[Row]]:
    """Every insight as the warehouse must show it, and every pain-tagged note that is none, with the reason."""
    receipts: Receipts = {}
    for entity, attribute, received in (
        webhook_receipts(world).select("entity_id", "attribute", "received_at").iter_rows()
    ):
        if received <= AS_OF:
            receipts.setdefault((entity, attribute), []).append(received)
    updates: dict[str, list[datetime]] = {}
    for note_id, at in note_changes(world.notes).filter(pl.col("bumps")).sort("at").select("note_id", "at").iter_rows():
        updates.setdefault(note_id, []).append(at)
    insights: list[Row] = []
    left_out: list[Row] = []
    for row in world.notes.filter(pl.col("tagged_at").is_not_null()).iter_rows(named=True):
        note = _Note(row, updates[row["note_id"]], receipts)
        if note.tagged is None:
            continue
        if not note.links:
            left_out.append({"note_id": note.note_id, "reason": "not_linked"})
        elif note.processed is None:
            reason = "never_processed" if note.is_archived_at_last else "not_processed_yet"
            left_out.append({"note_id": note.note_id, "reason": reason})
        else:
            insights.append(_insight(note, note.tagged, note.processed, cards))
    return insights, left_out


class _Link:
    """A link of a note to a feature as extracts show it."""

    def __init__(self, feature_id: str, time: ChangeTime, unlinked_at: datetime | None) -> None:
        self.feature_id = feature_id
        self.time = time
        self.unlinked_at = unlinked_at


class _Note:
    """A note as extracts, `updated_at` and webhooks show it."""

    def __init__(self, row: Row, updates: list[datetime], receipts: Receipts) -> None:
        self.row = row
        self.note_id: str = row["note_id"]
        self._updates = updates
        self._receipts = receipts
        self._gone: datetime | None = row["merged_at"]
        untagged = row["untagged_at"] or self._gone
        self.tagged = self._observe("tags", first_shown(row["tagged_at"], untagged))
        self.processed = self._observe_processed()
        self.links = list(self._observe_links())

    def _updated_at(self, extract: datetime) -> datetime:
        return self._updates[bisect_left(self._updates, extract) - (0 if extract in self._updates else 1)]

    def _observe(self, attribute: str, number: int | None, not_yet: datetime | None = None) -> ChangeTime | None:
        if number is None:
            return None
        return observed(
            not_yet=not_yet if number == 0 or not_yet is not None else extract_before(number),
            shown=EXTRACTS[number],
            created=self.row["created_at"],
            updated=self._updated_at(EXTRACTS[number]),
            receipts=self._receipts.get((self.note_id, attribute), []),
        )

    def _is_archived(self, extract: datetime) -> bool:
        archived, back = self.row["archived_at"], self.row["unarchived_at"]
        return bool(archived and archived <= extract and not (back and back <= extract))

    def _observe_processed(self) -> ChangeTime | None:
        """An archived note hides whether it was processed: first extract that shows it, last that denies it."""
        if self.row["processed_at"] is None:
            return None
        number = first_shown(self.row["processed_at"], self._gone)
        while number is not None and self._is_archived(EXTRACTS[number]):
            number = number + 1 if number + 1 < len(EXTRACTS) else None
        if number is None or (self._gone is not None and self._gone <= EXTRACTS[number]):
            return None
        born = bisect_left(EXTRACTS, self.row["created_at"])
        denied = [extract for extract in EXTRACTS[born:number] if not self._is_archived(extract)]
        if born == 0 and number > 0 and not denied:
            # Archived in the first extract and un-archived later: it had happened by then.
            return ChangeTime(self.row["created_at"], FIRST_EXTRACT, FIRST_EXTRACT, "snapshot", known_at_first=True)
        return self._observe("processed", number, denied[-1] if denied else extract_before(born))

    def _observe_links(self) -> Iterator[_Link]:
        row = self.row
        pairs = (("feature_id", "linked_at", row["unlinked_at"]), ("second_feature_id", "second_linked_at", None))
        for target, since, unlinked in pairs:
            if row[since] is None:
                continue
            time = self._observe("relationships", first_shown(row[since], unlinked or self._gone))
            if time is None:
                continue
            # A link that goes with its note was not taken away.
            seen_gone = self._observe("relationships", first_shown(unlinked, self._gone)) if unlinked else None
            yield _Link(row[target], time, seen_gone.estimate if seen_gone else None)

    @property
    def is_archived_at_last(self) -> bool:
        """Archived in the last extract that shows it."""
        return self._is_archived(AS_OF)

    def reason_at(self, instant: datetime, *, resolved: bool, card_is_dropped: Callable[[str], bool]) -> str | None:
        """What had become of the note or its links by an instant (at least two weeks away from any change)."""
        row = self.row

        def happened(name: str) -> bool:
            return row[name] is not None and row[name] <= instant

        standing = [link for link in self.links if link.unlinked_at is None]
        if not resolved and not standing:
            return "unlinked"
        if happened("merged_at"):
            return "merged"
        if self._is_archived(instant):
            return "archived"
        if happened("untagged_at"):
            return "untagged"
        if not resolved and all(card_is_dropped(link.feature_id) for link in standing):
            return "wont_do"
        return None


def _insight(note: _Note, tagged: ChangeTime, processed: ChangeTime, cards: dict[str, Card]) -> Row:
    links = sorted(note.links, key=lambda link: link.time.estimate)
    starts = (processed, tagged, links[0].time)
    started = max(time.estimate for time in starts)
    started_lower, started_upper = max(time.lower for time in starts), max(time.upper for time in starts)
    first_card = cards[links[0].feature_id]
    stop = _resolution(links, started, cards)

    def dropped(feature_id: str) -> bool:
        statuses = [status for at, status in cards[feature_id].feature.statuses if at <= AS_OF]
        return bool(statuses) and statuses[-1] == "st-wontdo"

    launch_at = stop[1].at if stop else None
    reason = note.reason_at(launch_at or AS_OF, resolved=stop is not None, card_is_dropped=dropped)
    if started_upper <= FIRST_EXTRACT:
        state, reason, stop = "left_censored", "started_by_first_extract", None
    elif stop is not None:
        state = "resolved"
    elif _was_over(links, started, cards):
        state, reason = "excluded", "launched_before_start"
    else:
        state = "open"
    row = note.row
    true_start = max(row["processed_at"], row["tagged_at"], row["linked_at"])
    result: Row = {
        "insight_id": note.note_id,
        "state": state,
        "reason": reason,
        "started_on": local_date(started),
        "started_at": started,
        "started_lower_at": started_lower,
        "started_upper_at": started_upper,
        "first_card_feature_id": first_card.feature.feature_id,
        "true_processed_at": row["processed_at"],
        "true_tagged_at": row["tagged_at"],
        "true_linked_at": row["linked_at"],
        "true_started_at": true_start,
        "created_at": row["created_at"],
        "inbox_wait_days": days_between(row["created_at"], started),
    }
    for name, time in (("processed", processed), ("tagged", tagged), ("linked", links[0].time)):
        result |= _time_columns(name, time)
    return result | _resolved_columns(stop, started) | _owner_columns(state, stop, first_card)


def _resolution(links: list[_Link], started: datetime, cards: dict[str, Card]) -> tuple[Card, KnownLaunch] | None:
    """The first lasting launch, from the start on, of a card linked by then and still linked."""
    candidates = [
        (launch.at, card.feature.feature_id, card, launch)
        for link in links
        for card in [cards[link.feature_id]]
        for launch in card.lasting_launches
        if launch.at is not None
        and link.time.estimate <= launch.at
        and started <= launch.at
        and (link.unlinked_at is None or link.unlinked_at >= launch.at)
    ]
    if not candidates:
        return None
    _, _, card, launch = min(candidates, key=lambda candidate: candidate[:2])
    return card, launch


def _was_over(links: list[_Link], started: datetime, cards: dict[str, Card]) -> bool:
    """A linked card was launched before the clock would start, and no other linked card is still to launch."""
    firsts = [(link, next(iter(cards[link.feature_id].lasting_launches), None)) for link in links]
    over = any(launch is not None and (launch.at or launch.time.upper) < started for _, launch in firsts)
    waiting = any(launch is None and link.unlinked_at is None for link, launch in firsts)
    return over and not waiting


def _time_columns(name: str, time: ChangeTime | None) -> Row:
    return {
        f"{name}_at": time.estimate if time else None,
        f"{name}_lower_at": time.lower if time else None,
        f"{name}_upper_at": time.upper if time else None,
        f"{name}_method": time.method if time else None,
    }


def _resolved_columns(stop: tuple[Card, KnownLaunch] | None, started: datetime) -> Row:
    if stop is None:
        empty = ("resolved_feature_id", "resolved_on", "cycle_days", "triage_days", "validation_days", "delivery_days")
        columns: Row = dict.fromkeys((*empty, "true_resolved_at"))
        for name in ("resolved", "idea", "planned"):
            columns |= _time_columns(name, None)
        return columns
    card, launch = stop
    assert launch.at is not None
    start_on, stop_on = local_date(started), local_date(launch.at)

    def reached(stage: str) -> Any:
        entry = card.entries.get(stage)
        return stop_on if entry is None else min(max(local_date(entry.estimate), start_on), stop_on)

    idea_on, planned_on = reached("idea"), reached("planned")
    columns = {
        "resolved_feature_id": card.feature.feature_id,
        "resolved_on": stop_on,
        "cycle_days": (stop_on - start_on).days,
        "triage_days": (idea_on - start_on).days,
        "validation_days": (planned_on - idea_on).days,
        "delivery_days": (stop_on - planned_on).days,
        "true_resolved_at": card.feature.launches[launch.number - 1].launched_at,
    }
    columns |= _time_columns("resolved", launch.time)
    return (
        columns
        | _time_columns("idea", card.entries.get("idea"))
        | _time_columns("planned", card.entries.get("planned"))
    )


def _owner_columns(state: str, stop: tuple[Card, KnownLaunch] | None, first_card: Card) -> Row:
    """The owner at launch of a resolved insight's card, today's owner of an open one's first card."""
    if state not in ("resolved", "open"):
        return {"person_id": None, "squad_id": None}
    card, at = (stop[0], stop[1].at or AS_OF) if stop else (first_card, AS_OF)
    owner = card.feature.owner_at(at)
    return {"person_id": owner.person, "squad_id": owner.squad_id}
