"""What the company board says, as texts ready to be set: the verdict, a tile per goal, the table, the trouble."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from metrics_py.errors import WarehouseError
from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.material import COMPANY, Material, UnitKey
from metrics_py.scoreboard.parts import Cell
from metrics_py.scoreboard.rows import Agreement, Card, Value, Verdict, Violation, read_rows
from metrics_py.scoreboard.series import Series, series_of
from metrics_py.scoreboard.tile import Mark, Tile, tile_of

WORST_RULES = 5


@dataclass(frozen=True)
class Trend:
    """A measure that is read daily: its judged readings over time, and whether they agree today."""

    metric_id: str
    question: str
    status: str
    panels: Sequence[Series]
    agreement: str


@dataclass(frozen=True)
class Standing:
    """One goal for one squad or person."""

    mark: Mark
    value: str | None
    reason: str
    before: str | None
    """The value of the period before, where there is none now."""


@dataclass(frozen=True)
class UnitRow:
    """A squad or a person with one cell per measure; null where it has no such goal."""

    level: str
    name: Cell
    cells: Sequence[Standing | None]


@dataclass(frozen=True)
class BrokenRule:
    """An integrity rule with the number of its violations."""

    severity: str
    sentence: str
    what_to_do: str
    count: int
    latest: str


@dataclass(frozen=True)
class Board:
    """Everything the company page says."""

    as_of: datetime
    max_age_days: int
    mark: Mark
    answer: str
    tally: str
    biggest_reason: Tile | None
    tiles: Sequence[Tile]
    trend: Trend | None
    measures: Sequence[tuple[str, str]]
    units: Sequence[UnitRow]
    error_count: int
    warning_count: int
    broken_rules: Sequence[BrokenRule]
    quarantined: Sequence[tuple[str, int]] | None
    failed_tests: Sequence[tuple[str, str, int]] | None
    colophon: Sequence[tuple[str, str]]


def read_board(material: Material) -> Board:
    """The company board of a snapshot.

    Raises: WarehouseError when no goal of the company is on the scoreboard.
    """
    verdicts, values, cards = material.verdicts, material.company_values, material.cards
    company = sorted(material.verdicts_of.get(COMPANY, []), key=lambda v: (v.goal_level, v.goal_id))
    if not company:
        raise WarehouseError("the table scoreboard has no goal of the company; name one in the seed goals and build")
    tiles = [
        tile_of(verdict, verdicts, values, cards[verdict.metric_id], goal=material.goals.get(verdict.goal_id))
        for verdict in company
    ]
    weakest = words.weakest(verdict.status for verdict in company)
    circt = next((verdict for verdict in company if verdict.metric_id == "circt"), None)
    manifest = material.snapshot.manifest
    return Board(
        as_of=material.as_of,
        max_age_days=min(card.max_age_days for card in cards.values()),
        mark=Mark(weakest),
        answer=words.ANSWERS[weakest],
        tally=tally(company),
        biggest_reason=biggest_reason(tiles),
        tiles=tiles,
        trend=_trend(circt, values, cards["circt"], read_agreements(material)) if circt else None,
        measures=[(goal.metric_id, cards[goal.metric_id].name) for goal in held_by_units(material, company)],
        units=unit_rows(material, company),
        error_count=sum(violation.severity == "error" for violation in material.violations),
        warning_count=sum(violation.severity != "error" for violation in material.violations),
        broken_rules=broken_rules(material.violations)[:WORST_RULES],
        quarantined=_quarantined(manifest["run"]["quarantined"]),
        failed_tests=_failed_tests(manifest["run"]["failed_tests"]),
        colophon=_colophon(manifest),
    )


def read_agreements(material: Material) -> Sequence[Agreement]:
    """Whether the two readings of CIRCT agree for the company, day by day."""
    return read_rows(material.snapshot, Agreement, pl.col("org_level") == "company")


def _trend(verdict: Verdict, values: Sequence[Value], card: Card, agreements: Sequence[Agreement]) -> Trend:
    judged = {value.reading for value in values if value.metric_id == verdict.metric_id and value.target is not None}
    readings = sorted(judged, key=lambda reading: (reading != verdict.reading, reading))
    return Trend(
        metric_id=verdict.metric_id,
        question=card.question,
        status=verdict.status,
        panels=[series_of(reading, verdict, values, words.bound(reading, card.direction)) for reading in readings],
        agreement=agreement_text(max(agreements, key=lambda agreement: agreement.day, default=None)),
    )


def agreement_text(today: Agreement | None) -> str:
    """Whether the two readings say the same, in a sentence."""
    if today is None or today.is_disagreement is None:
        return "One of the two readings has no value today, so they cannot be compared."
    if not today.is_disagreement:
        return "Both readings say the same today."
    held, missed = "the 90th percentile of what was launched", "the share of everything that was resolved in time"
    if today.is_share_within_45_met:
        held, missed = missed, held
    return f"The two readings disagree today: {held} holds, {missed} does not."


def tally(verdicts: Sequence[Verdict]) -> str:
    """How many goals have each status, in a sentence."""
    counts = Counter(verdict.status for verdict in verdicts)
    parts = [
        f"{words.STATUS_WORDS[status].lower()} on {counts[status]}" for status in words.STATUS_WORDS if counts[status]
    ]
    first, *rest = parts
    text = f"{first} of {number.count_text(len(verdicts), 'goal')}"
    return ", ".join([text[0].upper() + text[1:], *rest]) + "."


def biggest_reason(tiles: Sequence[Tile]) -> Tile | None:
    """The losing goal to look at first: a lead measure before what it leads to, then the one lost in most squads."""
    losing = [tile for tile in tiles if tile.mark.status == "losing"]
    return max(losing, key=lambda tile: (tile.level, len(tile.losing_squads)), default=None)


def held_by_units(material: Material, company: Sequence[Verdict]) -> Sequence[Verdict]:
    """The company's goals that squads or people hold too."""
    held = {verdict.metric_id for verdict in material.verdicts if verdict.org_level != "company"}
    return [verdict for verdict in company if verdict.metric_id in held]


def unit_rows(material: Material, company: Sequence[Verdict], squad_id: str | None = None) -> Sequence[UnitRow]:
    """The company, each squad and each person with their standing on the goals that units hold; or one squad's own."""
    goals = [verdict.goal_id for verdict in held_by_units(material, company)]

    def squad_of(key: UnitKey) -> str:
        _, squad, person = key
        known = material.people.get(person or "")
        return squad or (known.squad_id if known else None) or ""

    def name(key: UnitKey) -> Cell:
        level, squad, person = key
        return material.person(person) if level == "person" else material.squad(squad) if squad else Cell("Company")

    def place(key: UnitKey) -> tuple[bool, str, bool, str, str]:
        return (key[0] != "company", squad_of(key), key[0] == "person", name(key).text, key[2] or "")

    def row(key: UnitKey) -> UnitRow:
        by_goal = {verdict.goal_id: verdict for verdict in material.verdicts_of[key]}
        return UnitRow(key[0], name(key), [_standing(by_goal.get(goal)) for goal in goals])

    keys = [key for key in material.verdicts_of if squad_id is None or squad_of(key) == squad_id]
    return [row(key) for key in sorted(keys, key=place)]


def _standing(verdict: Verdict | None) -> Standing | None:
    if verdict is None:
        return None
    value = None if verdict.value is None else number.value_text(verdict.value, verdict.unit)
    before = None if verdict.previous_value is None else number.value_text(verdict.previous_value, verdict.unit)
    return Standing(Mark(verdict.status), value, verdict.status_reason, before=None if value else before)


def broken_rules(violations: Sequence[Violation]) -> Sequence[BrokenRule]:
    """The rules broken, errors before warnings, those broken most first."""
    by_rule: dict[str, list[Violation]] = {}
    for violation in violations:
        by_rule.setdefault(violation.rule_id, []).append(violation)
    ordered = sorted(by_rule.items(), key=lambda item: (item[1][0].severity != "error", -len(item[1]), item[0]))
    return [_broken_rule(cases) for _, cases in ordered]


def _broken_rule(cases: Sequence[Violation]) -> BrokenRule:
    latest = max(cases, key=lambda case: (case.happened_on, case.entity_id))
    entity = f"{latest.entity_type.replace('_', ' ')} {latest.entity_id}"
    return BrokenRule(
        severity=latest.severity,
        sentence=latest.sentence,
        what_to_do=latest.what_to_do,
        count=len(cases),
        latest=f"{words.day_text(latest.happened_on)}, {entity}: {latest.evidence}",
    )


def _quarantined(listed: Sequence[Mapping[str, object]] | None) -> Sequence[tuple[str, int]] | None:
    if listed is None:
        return None
    counts = [(f"{entry['source']}.{entry['table']}", int(str(entry["rows"]))) for entry in listed]
    return sorted(counts, key=lambda pair: (-pair[1], pair[0]))


def _failed_tests(listed: Sequence[Mapping[str, object]] | None) -> Sequence[tuple[str, str, int]] | None:
    if listed is None:
        return None
    return [(str(entry["test"]), str(entry["severity"]), int(str(entry["rows"]))) for entry in listed]


def _colophon(manifest: Mapping[str, Mapping[str, str]]) -> Sequence[tuple[str, str]]:
    definitions = ", ".join(f"{metric} {version}" for metric, version in manifest["definition_versions"].items())
    return [("definitions", definitions), *manifest["versions"].items()]
