"""Feedback notes: when each was written, processed, tagged, linked, archived and taken away again, in truth."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics_py.sample.calendar import AS_OF, FIRST_EXTRACT
from metrics_py.sample.organisation import OTHER_TAGS, PAIN_TAGS, UNKNOWN_TAGS, stream
from metrics_py.sample.world.lifecycle import Feature

NOTES_PER_UNIT = 3_000
FIRST_NOTE_DAY = np.datetime64("2024-04-15", "D")
LAST_NOTE_DAY = np.datetime64("2026-01-29", "D")
WEBHOOKS_FROM = datetime(2025, 6, 1, 7)
API_MIGRATION = datetime(2025, 3, 1, 12)

Instants = NDArray[Any]
Numbers = NDArray[Any]
Flags = NDArray[np.bool_]

NEVER = np.datetime64("NaT", "s")
_DAY = np.timedelta64(1, "D")


def draw_notes(seed: int, chunk: int, units: int, features: list[Feature], *, companies: int) -> pl.DataFrame:
    """One row per note with the instant of everything that happened to it; null is never.

    Columns: note_id, created_at, company, is_old_api, has_webhooks, processed_at, archived_at, unarchived_at,
    merged_at, pain_tag, tagged_at, untagged_at, other_tag, other_tagged_at, feature_id, linked_at, unlinked_at,
    link_bumps, second_feature_id, second_linked_at, edited_at, edited_again_at.
    """
    return _Notes(seed, chunk, units, features, companies).frame()


class _Notes:
    """The columns while they are drawn; each method fills a few."""

    def __init__(self, seed: int, chunk: int, units: int, features: list[Feature], companies: int) -> None:
        self.random = stream(seed, chunk, "notes")
        self.count = NOTES_PER_UNIT * units
        self.chunk = chunk
        self.companies = companies
        self.targets = _Targets(features)
        self._draw_kinds()
        self._draw_steps()
        self._choose_targets()
        self._delay_some_starts()
        self._link_second_cards()
        self._end_some()
        self._never_process_some()

    def _chance(self, share: float) -> Flags:
        return self.random.random(self.count) < share

    def _days_later(self, base: Instants, low: int, high: int) -> Instants:
        """A local working hour (7 to 20 o'clock) some days after the local day of `base`; NaT stays NaT."""
        local_day = (base - np.timedelta64(7, "h")).astype("datetime64[D]")
        day = local_day + self.random.integers(low, high + 1, self.count) * _DAY
        seconds = self.random.integers(7 * 3600, 20 * 3600, self.count) * np.timedelta64(1, "s")
        return day.astype("datetime64[s]") + np.timedelta64(7, "h") + seconds

    def _draw_kinds(self) -> None:
        span = int((LAST_NOTE_DAY - FIRST_NOTE_DAY) / _DAY)
        # Feedback grows a little over time: the larger of a uniform day and a shifted square root.
        share = 0.6 * self.random.random(self.count) + 0.4 * np.sqrt(self.random.random(self.count))
        # A few more wait in the inbox when the first extract is taken.
        share = np.where(self._chance(0.04), 0.13 * share, share)
        days = np.sort((share * span).astype(np.int64))
        seconds = self.random.integers(0, 86_400, self.count) * np.timedelta64(1, "s")
        self.created = (FIRST_NOTE_DAY + days * _DAY).astype("datetime64[s]") + seconds
        kind = self.random.random(self.count)
        self.is_pain = kind < 0.57
        self.is_linked = (kind < 0.47) | ((kind >= 0.57) & (kind < 0.76))
        self.has_other_tag = ((kind >= 0.57) & (kind < 0.9)) | self._chance(0.08)

    def _draw_steps(self) -> None:
        """Each step in the days after the note; nothing on the note's own day, so that creation comes first."""
        self.tagged = np.where(self.is_pain, self._days_later(self.created, 1, 4), NEVER)
        self.processed = np.where(self._chance(0.93), self._days_later(self.created, 1, 5), NEVER)
        self.other_tagged = np.where(self.has_other_tag, self._days_later(self.created, 1, 12), NEVER)
        self.linked = np.where(self.is_linked, self._days_later(self.created, 1, 9), NEVER)
        self.edited = np.where(self._chance(0.35), self._days_later(self.created, 1, 50), NEVER)
        self.edited_again = np.where(self._chance(0.1), self._days_later(self.created, 2, 20), NEVER)

    def _choose_targets(self) -> None:
        mode = self.random.random(self.count)
        pick = self.random.random(self.count)
        soon = self.targets.launching(self.linked, 4, 38, pick)
        late = self.targets.launching(self.linked, 46, 110, pick)
        never = self.targets.never(pick)
        already = self.targets.launching(self.linked, -60, -4, pick, plain=True)
        target = np.where(mode < 0.8, soon, np.where(mode < 0.85, late, np.where(mode < 0.96, never, already)))
        target = np.where(mode > 0.995, self.targets.legacy(pick), target)
        target = np.where(target < 0, never, target)
        self.target = np.where(self.is_linked, target, -1)
        # A link needs a feature to point to.
        born = self.targets.created_at[self.target]
        too_early = self.is_linked & (self.linked <= born)
        self.linked = np.where(too_early, self._days_later(np.maximum(born, self.created), 1, 2), self.linked)

    def _delay_some_starts(self) -> None:
        """A few notes are processed only after the launch; notes near a late relaunch point elsewhere instead."""
        launch = self.targets.first_launch[self.target]
        delayed = self._chance(0.02) & self.targets.is_plain[self.target] & (launch > self.linked) & self.is_pain
        self.processed = np.where(delayed, self._days_later(launch, 9, 20), self.processed)
        tagged_late = self._chance(0.04) & self.is_pain
        self.tagged = np.where(tagged_late, self._days_later(self.created, 6, 14), self.tagged)
        start = self._start()
        murky = self.targets.relaunches_late[self.target] & ~(start + 9 * _DAY < launch)
        elsewhere = self.targets.never(self.random.random(self.count))
        moved = murky & self.is_linked
        self.target = np.where(moved, elsewhere, self.target)
        born = self.targets.created_at[self.target]
        self.linked = np.where(moved & (self.linked <= born), self._days_later(born, 1, 2), self.linked)

    def _start(self) -> Instants:
        return np.maximum(np.maximum(self.processed, self.tagged), self.linked)

    def _link_second_cards(self) -> None:
        """One linked note in twelve gets a second card nine days or more later, with launches well after the start."""
        second_linked = self._days_later(self.linked, 9, 25)
        second = self.targets.launching(second_linked, 9, 40, self.random.random(self.count))
        safe = np.maximum(second, 0)
        start, first_launch = self._start() + 9 * _DAY, self.targets.first_launch[self.target]
        second_launch = self.targets.first_launch[safe]
        fits = (
            (second >= 0) & (second != self.target) & self.is_linked & (self.targets.created_at[safe] < second_linked)
        )
        fits &= ~self.targets.relaunches_late[safe] & ~self.targets.relaunches_late[self.target]
        fits &= (second_launch > start) & (second_linked > np.datetime64(FIRST_EXTRACT, "s"))
        resolvable = second_launch < np.datetime64(AS_OF - timedelta(days=9), "s")
        first_is_ahead = np.isnat(first_launch) | (first_launch > start)
        first_was_over = self.targets.is_plain[self.target] & (first_launch < self.linked) & resolvable
        fits &= (first_is_ahead & ~self.targets.is_legacy[self.target]) | first_was_over
        fits &= self._chance(0.08) | (first_was_over & self._chance(0.4))
        self.second_target = np.where(fits, second, -1)
        self.second_linked = np.where(fits, second_linked, NEVER)

    def _end_some(self) -> None:
        """Archive, un-archive, merge, untag or unlink some notes, never within 15 days of the start or of a launch."""
        ending = self._days_later(self._start(), 17, 70)
        ending = np.where(np.isnat(ending), self._days_later(self.created, 10, 90), ending)
        launch = self.targets.first_launch[self.target]
        near = np.abs((ending - launch) / _DAY) < 15
        plain = self.targets.is_plain[self.target] | ~self.is_linked | np.isnat(launch)
        single = (self.second_target < 0) & plain & ~near
        what = self.random.random(self.count)

        def some(low: float, high: float) -> Instants:
            return np.where(single & (what >= low) & (what < high), ending, NEVER)

        self.archived = some(0.0, 0.09)
        self.unarchived = np.where(~np.isnat(self.archived) & (what < 0.03), self._days_later(ending, 15, 40), NEVER)
        self.merged = some(0.09, 0.11)
        self.untagged = np.where(self.is_pain, some(0.11, 0.14), NEVER)
        self.unlinked = np.where(self.is_linked & (self.linked + 10 * _DAY < ending), some(0.14, 0.18), NEVER)

    def _never_process_some(self) -> None:
        """Some are archived within hours, so that no extract sees them processed; some before the first extract."""
        quick = self._chance(0.012) & ~np.isnat(self.processed) & np.isnat(self.merged) & np.isnat(self.unlinked)
        quick &= np.isnat(self.untagged) & (self._hours_left(self.processed) > 3)
        self.archived = np.where(quick, self.processed + np.timedelta64(2, "h"), self.archived)
        self.unarchived = np.where(quick, NEVER, self.unarchived)
        first = np.datetime64(FIRST_EXTRACT, "s")
        old = (self._start() < first - 5 * _DAY) & np.isnat(self.merged) & np.isnat(self.unlinked) & ~quick
        old &= np.isnat(self.untagged) & self._chance(0.2)
        self.archived = np.where(old, self._start() + np.timedelta64(20, "h"), self.archived)
        self.unarchived = np.where(old, self._days_later(np.full(self.count, first), 20, 60), self.unarchived)
        self.hides = quick | old

    @staticmethod
    def _hours_left(instants: Instants) -> Numbers:
        """Hours until 06:00 UTC, the time of day of extracts."""
        hour = ((instants - instants.astype("datetime64[D]")) / np.timedelta64(1, "h")).astype(np.float64)
        return np.asarray(np.where(hour < 6, 6 - hour, 30 - hour))

    def frame(self) -> pl.DataFrame:
        """The finished notes."""
        number = np.arange(self.count)
        company = self.random.integers(0, self.companies, self.count)
        pain = np.array(PAIN_TAGS)[self.random.integers(0, len(PAIN_TAGS), self.count)]
        others = np.array(OTHER_TAGS * 4 + UNKNOWN_TAGS)
        other = others[self.random.integers(0, len(others), self.count)]
        old_api = self._chance(0.7) & (self.created < np.datetime64(API_MIGRATION, "s"))
        covered = self._chance(0.5) & ~self.hides
        bumps = ~self._chance(0.12)
        ids = np.array([*self.targets.feature_ids, None], dtype=object)
        columns: dict[str, Any] = {
            "note_id": pl.Series([f"n{self.chunk:03d}-{n:07d}" for n in number]),
            "created_at": self.created,
            "company": company,
            "is_old_api": old_api,
            "has_webhooks": covered,
            "processed_at": self.processed,
            "archived_at": self.archived,
            "unarchived_at": self.unarchived,
            "merged_at": self.merged,
            "pain_tag": pl.Series(pain),
            "tagged_at": self.tagged,
            "untagged_at": self.untagged,
            "other_tag": pl.Series(other),
            "other_tagged_at": self.other_tagged,
            "feature_id": pl.Series(ids[self.target].tolist(), dtype=pl.String),
            "linked_at": self.linked,
            "unlinked_at": self.unlinked,
            "link_bumps": bumps,
            "second_feature_id": pl.Series(ids[self.second_target].tolist(), dtype=pl.String),
            "second_linked_at": self.second_linked,
            "edited_at": self.edited,
            "edited_again_at": self.edited_again,
        }
        instants = [name for name in columns if name.endswith("_at")]
        frame = pl.DataFrame({n: c.astype("datetime64[us]") if n in instants else c for n, c in columns.items()})
        # What would happen after as_of has not happened.
        return frame.with_columns(pl.when(pl.col(name) <= AS_OF).then(pl.col(name)) for name in instants)


class _Targets:
    """The features as arrays, so that notes can choose among thousands at once; index -1 is "no feature"."""

    def __init__(self, features: list[Feature]) -> None:
        def instants(values: list[datetime | None]) -> Instants:
            return np.array([NEVER if v is None else np.datetime64(v, "s") for v in [*values, None]])

        self.feature_ids = [f.feature_id for f in features]
        self.created_at = instants([f.created_at for f in features])
        launches = [f.launches[0].launched_at if f.launches else None for f in features]
        # A part without a card resolves with its parent.
        by_id = dict(zip(self.feature_ids, launches, strict=True))
        launches = [
            by_id[f.parent_id] if f.parent_id and not f.has_card else at
            for f, at in zip(features, launches, strict=True)
        ]
        self.first_launch = instants(launches)
        self.is_plain = np.array(
            [f.quirk == "none" and f.fate in ("shipped", "subfeature") for f in features] + [False]
        )
        self.relaunches_late = np.array([f.quirk == "withdrawn_late" for f in features] + [False])
        self.is_legacy = np.array([f.fate == "legacy" for f in features] + [False])
        numbers = np.arange(len(features))
        open_to_links = np.array([f.fate in ("shipped", "ahead", "subfeature") for f in features])
        self._by_launch = self._sorted(numbers[open_to_links])
        self._plain_by_launch = self._sorted(numbers[open_to_links & self.is_plain[:-1]])
        self._never = numbers[[f.fate in ("stopped", "stalled", "wont_do") for f in features]]
        self._legacy = numbers[self.is_legacy[:-1]]

    def _sorted(self, numbers: Numbers) -> Numbers:
        return np.asarray(numbers[np.argsort(self.first_launch[numbers], kind="stable")])

    def launching(self, when: Instants, low: int, high: int, pick: NDArray[Any], *, plain: bool = False) -> Numbers:
        """A feature first launched `low` to `high` days after each instant, or -1."""
        numbers = self._plain_by_launch if plain else self._by_launch
        launches = self.first_launch[numbers]
        safe = np.where(np.isnat(when), np.datetime64("1990-01-01", "s"), when)
        first = np.searchsorted(launches, safe + low * _DAY)
        last = np.searchsorted(launches, safe + high * _DAY)
        place = np.minimum(first + (pick * (last - first)).astype(np.int64), len(numbers) - 1)
        return np.where(last > first, numbers[place], -1)

    def never(self, pick: NDArray[Any]) -> Numbers:
        """A feature that never launches."""
        return np.asarray(self._never[(pick * len(self._never)).astype(np.int64)])

    def legacy(self, pick: NDArray[Any]) -> Numbers:
        """A feature launched before the first extract."""
        return np.asarray(self._legacy[(pick * len(self._legacy)).astype(np.int64)])
