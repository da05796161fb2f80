"""Every headline number, added up by hand from the true facts."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from metrics_py.sample.calendar import AS_OF_ON, FIRST_EXTRACT, local_date, next_quarter, quarters
from metrics_py.sample.world.company import World
from metrics_py.sample.world.lifecycle import Feature

Row = dict[str, Any]
Unit = tuple[str, str]
"""Org level and the squad's or person's id; the company's id is empty."""

COMPANY: Unit = ("company", "")
GOAL_PERIOD = (date(2025, 7, 1), date(2026, 1, 1))
TARGET_DAYS = 45
WINDOW_DAYS = 90
DDQS_TARGET = 6
DAYS = [local_date(FIRST_EXTRACT) + timedelta(days=n) for n in range((AS_OF_ON - local_date(FIRST_EXTRACT)).days + 1)]


def metric_row(
    metric_id: str,
    reading: str,
    unit: Unit,
    period: tuple[str, date],
    numerator: float | None,
    denominator: float | None,
    n: int,
    value: float | None = None,
) -> Row:
    """A published value; without a value of its own it is numerator / denominator, null over nothing."""
    if value is None and denominator and numerator is not None:
        value = numerator / denominator
    return {
        "metric_id": metric_id,
        "reading": reading,
        "org_level": unit[0],
        "squad_id": unit[1] if unit[0] == "squad" else None,
        "person_id": unit[1] if unit[0] == "person" else None,
        "period_kind": period[0],
        "period_start": period[1],
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "n": n,
    }


def org_units(features: Iterable[Feature]) -> list[Unit]:
    """The company and everyone who ever owned a feature."""
    owners = {owner for feature in features for owner in feature.owners}
    squads = sorted({("squad", owner.squad_id) for owner in owners})
    return [COMPANY, *squads, *sorted({("person", owner.person) for owner in owners})]


def feature_metrics(rows: list[Row], units: list[Unit]) -> Iterator[Row]:
    """DDQS and PLOAR of every unit, by quarter of ship and over the goal period."""
    shipped = [row for row in rows if row.get("shipped_on")]
    first = min((row["ship_quarter_start"] for row in shipped), default=AS_OF_ON)
    periods = [("quarter", start, next_quarter(start)) for start in quarters() if start >= first]
    for kind, start, end in [*periods, ("goal_period", *GOAL_PERIOD)]:
        inside = [row for row in shipped if start <= row["shipped_on"] < end]
        for unit in units:
            yield from _ddqs([r for r in inside if _credits(r, "ddqs", unit)], unit, (kind, start))
            yield from _ploar([r for r in inside if _credits(r, "ship", unit)], unit, (kind, start))


def _credits(row: Row, kind: str, unit: Unit) -> bool:
    return unit == COMPANY or bool(row[f"{kind}_{unit[0]}_id"] == unit[1])


def _ddqs(rows: list[Row], unit: Unit, period: tuple[str, date]) -> Iterator[Row]:
    scored = [row for row in rows if row["ddqs"] is not None]
    n = len(scored)

    def mean(reading: str, values: list[float]) -> Row:
        return metric_row("ddqs", reading, unit, period, sum(values), n, n)

    yield mean("headline", [row["ddqs"] for row in scored])
    yield metric_row("ddqs", "coverage", unit, period, n, len(rows), len(rows))
    yield mean("share_at_least_6", [float(row["ddqs"] >= DDQS_TARGET) for row in scored])
    lowest = min((row["ddqs"] for row in scored), default=None)
    yield metric_row("ddqs", "minimum", unit, period, None, None, n, lowest)
    pairs = [(row["ddqs_confidence_score"], row["ddqs_interview_count"]) for row in scored]
    yield mean("mean_interviews_capped_5", [confidence + min(count, 5) for confidence, count in pairs])
    yield mean("mean_both_capped_3", [min(confidence, 3) + min(count, 3) for confidence, count in pairs])


def _ploar(rows: list[Row], unit: Unit, period: tuple[str, date]) -> Iterator[Row]:
    matured = [row for row in rows if row["is_matured"]]

    def share(reading: str, flag: str, out_of: list[Row]) -> Row:
        return metric_row("ploar", reading, unit, period, sum(row[flag] for row in rows), len(out_of), len(out_of))

    yield share("headline", "is_hit", matured)
    yield share("hits_of_shipped", "is_hit", rows)
    yield share("any_kpi_met", "is_any_kpi_met", matured)
    yield share("ever_met", "is_ever_met", matured)


class CycleTimes:
    """Counts of insights by unit and day, from which the CIRCT readings follow; chunks of a large company add up."""

    def __init__(self, *, company_only: bool) -> None:
        self._company_only = company_only
        self._launched: defaultdict[tuple[Unit, date], Counter[int]] = defaultdict(Counter)
        self._started: Counter[tuple[Unit, date]] = Counter()
        self._in_time: Counter[tuple[Unit, date]] = Counter()
        self._pooled_launches: defaultdict[Unit, Counter[int]] = defaultdict(Counter)
        self._pooled: Counter[tuple[Unit, bool]] = Counter()

    def add(self, insights: list[Row], world: World) -> None:
        """Count the resolved and open insights of a world."""
        features = {feature.feature_id: feature for feature in world.features}
        for row in insights:
            if row["state"] in ("resolved", "open"):
                self._count(row, partial(_owners, features[row["first_card_feature_id"]]))

    def _count(self, row: Row, owners_on: Callable[[date], list[Unit]]) -> None:
        started, resolved = row["started_on"], row["resolved_on"]
        at_launch = [COMPANY, ("squad", row["squad_id"]), ("person", row["person_id"])]
        in_time = resolved is not None and row["cycle_days"] <= TARGET_DAYS

        def units(day: date) -> list[Unit]:
            """Who has the insight on a day: the owner at launch from then on, before it the first card's owner."""
            if self._company_only:
                return [COMPANY]
            return at_launch if resolved is not None and resolved <= day else [COMPANY, *owners_on(day)]

        if resolved is not None:
            for unit in at_launch[:1] if self._company_only else at_launch:
                for day in _days(resolved, resolved + timedelta(days=WINDOW_DAYS)):
                    self._launched[unit, day][row["cycle_days"]] += 1
                if GOAL_PERIOD[0] <= resolved < GOAL_PERIOD[1]:
                    self._pooled_launches[unit][row["cycle_days"]] += 1
        known_from = started + timedelta(days=TARGET_DAYS)
        for day in _days(known_from, known_from + timedelta(days=WINDOW_DAYS)):
            for unit in units(day):
                self._started[unit, day] += 1
                self._in_time[unit, day] += in_time
        if GOAL_PERIOD[0] <= started < GOAL_PERIOD[1] and known_from <= AS_OF_ON:
            for unit in units(AS_OF_ON):
                self._pooled[unit, in_time] += 1

    def rows(self, units: list[Unit]) -> Iterator[Row]:
        """Every reading of every unit on every day, and over the goal period."""
        for unit in units:
            for day in DAYS:
                key = (unit, day)
                yield from _percentiles(self._launched[key], unit, ("day", day))
                started = self._started[key]
                yield metric_row("circt", "share_within_45", unit, ("day", day), self._in_time[key], started, started)
            period = ("goal_period", GOAL_PERIOD[0])
            yield from _percentiles(self._pooled_launches[unit], unit, period)
            begun = self._pooled[unit, True] + self._pooled[unit, False]
            yield metric_row("circt", "share_within_45", unit, period, self._pooled[unit, True], begun, begun)


def _days(start: date, end: date) -> Iterator[date]:
    for place in range(max(0, (start - DAYS[0]).days), min(len(DAYS), (end - DAYS[0]).days)):
        yield DAYS[place]


def _owners(feature: Feature, day: date) -> list[Unit]:
    standing = [owner for owner in feature.owners if owner.valid_from <= day]
    owner = standing[-1] if standing else feature.owners[0]
    return [("squad", owner.squad_id), ("person", owner.person)]


def _percentiles(counts: Counter[int], unit: Unit, period: tuple[str, date]) -> Iterator[Row]:
    durations = sorted(counts.elements())
    n = len(durations)
    nearest = float(durations[math.ceil(0.9 * n - 1e-9) - 1]) if n else None
    yield metric_row("circt", "p90_launched", unit, period, None, None, n, nearest)
    interpolated = None
    if n:
        place = 0.9 * (n - 1)
        low = math.floor(place + 1e-9)
        high = min(low + 1, n - 1)
        interpolated = durations[low] + (place - low) * (durations[high] - durations[low])
    yield metric_row("circt", "p90_launched_cont", unit, period, None, None, n, interpolated)
