"""What the company board says, as texts ready to be set: the verdict, a tile per goal, the table, the trouble."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from metrics_py.errors import WarehouseError
from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.material import COMPANY, Material
from metrics_py.scoreboard.rows import Agreement, Card, Value, Verdict, read_rows
from metrics_py.scoreboard.series import Series, series_of
from metrics_py.scoreboard.standings import UnitRow, held_by_units, unit_rows
from metrics_py.scoreboard.tile import Mark, Tile, tile_of
from metrics_py.scoreboard.violations import BrokenRule, broken_rules

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
