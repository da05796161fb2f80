"""What the company board says, as texts ready to be set: the verdict, a tile per goal, the table, the trouble."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from metrics_py.errors import WarehouseError
from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.rows import Agreement, Card, Person, Value, Verdict, Violation, read_rows
from metrics_py.scoreboard.snapshot import Snapshot

UnitKey = tuple[str, str | None, str | None]

COMPANY: UnitKey = ("company", None, None)
WORST_RULES = 5


@dataclass(frozen=True)
class Mark:
    """A status as it is shown: its word, and the name that picks its sign and colour."""

    status: str

    @property
    def word(self) -> str:
        """The word for it."""
        return words.STATUS_WORDS[self.status]


@dataclass(frozen=True)
class Figure:
    """A value with what it is held against, in words; `value` is null when there is none."""

    label: str
    value: str | None
    target: str | None


@dataclass(frozen=True)
class Series:
    """Points of one reading over time, for a chart; a missing value is a gap in the line."""

    label: str
    unit: str
    bound: str
    """`at least` or `at most`: on which side of the target it is won."""
    days: Sequence[date]
    values: Sequence[float | None]
    targets: Sequence[float | None]


@dataclass(frozen=True)
class Pooled:
    """The verdict over a goal's own period as a whole."""

    period: str
    mark: Mark
    text: str


@dataclass(frozen=True)
class Trend:
    """A measure that is read daily: its judged readings over time, and whether they agree today."""

    metric_id: str
    question: str
    status: str
    panels: Sequence[Series]
    agreement: str


@dataclass(frozen=True)
class Tile:
    """One goal of the company."""

    metric_id: str
    name: str
    is_reach: bool
    level: int
    mark: Mark
    figure: Figure
    gap: str | None
    reason: str
    period: str
    conditions: Sequence[Figure]
    facts: Sequence[tuple[str, str]]
    pooled: Pooled | None
    losing_squads: Sequence[str]
    series: Series


@dataclass(frozen=True)
class Cell:
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
    name: str
    cells: Sequence[Cell | None]


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


def read_board(snapshot: Snapshot) -> Board:
    """The company board of a snapshot.

    Raises: WarehouseError when a table is missing or no goal of the company is on the scoreboard.
    """
    verdicts = read_rows(snapshot, Verdict)
    values = read_rows(snapshot, Value)
    cards = {card.metric_id: card for card in read_rows(snapshot, Card)}
    people = read_rows(snapshot, Person)
    violations = read_rows(snapshot, Violation)

    company = sorted((v for v in verdicts if v.unit_key == COMPANY), key=lambda v: (v.goal_level, v.goal_id))
    if not company:
        raise WarehouseError("the table scoreboard has no goal of the company; name one in the seed goals and build")
    names = {person.person_id: person.display_name for person in people}
    tiles = [_tile(verdict, verdicts, values, cards[verdict.metric_id]) for verdict in company]
    weakest = words.weakest(verdict.status for verdict in company)
    circt = next((verdict for verdict in company if verdict.metric_id == "circt"), None)
    manifest = snapshot.manifest
    return Board(
        as_of=datetime.fromisoformat(manifest["as_of"]),
        max_age_days=min(card.max_age_days for card in cards.values()),
        mark=Mark(weakest),
        answer=words.ANSWERS[weakest],
        tally=_tally(company),
        biggest_reason=_biggest_reason(tiles),
        tiles=tiles,
        trend=_trend(circt, values, cards["circt"], read_rows(snapshot, Agreement)) if circt else None,
        measures=[(tile.metric_id, tile.name) for tile in tiles if _is_held_by_units(tile.metric_id, verdicts)],
        units=_unit_rows(company, verdicts, people, names),
        error_count=sum(violation.severity == "error" for violation in violations),
        warning_count=sum(violation.severity != "error" for violation in violations),
        broken_rules=_broken_rules(violations),
        quarantined=_quarantined(manifest["run"]["quarantined"]),
        failed_tests=_failed_tests(manifest["run"]["failed_tests"]),
        colophon=_colophon(manifest),
    )


def _tile(verdict: Verdict, verdicts: Iterable[Verdict], values: Iterable[Value], card: Card) -> Tile:
    squads = [other for other in verdicts if other.goal_id == verdict.goal_id and other.org_level == "squad"]
    bound = words.bound(verdict.reading, card.direction)
    return Tile(
        metric_id=verdict.metric_id,
        name=card.name,
        is_reach=verdict.goal_type == "reach",
        level=verdict.goal_level,
        mark=Mark(verdict.status),
        figure=_figure(verdict.reading, verdict.value, verdict.expected, verdict.unit, bound),
        gap=_gap(verdict, bound),
        reason=verdict.status_reason,
        period=words.period_text(verdict.period_kind, verdict.period_start, verdict.period_end),
        conditions=_conditions(verdict, values, card),
        facts=_facts(verdict),
        pooled=_pooled(verdict),
        losing_squads=sorted(squad.squad_id or "" for squad in squads if squad.status == "losing"),
        series=_series(verdict.reading, verdict, values, bound),
    )


def _figure(reading: str, value: float | None, target: float | None, unit: str, bound: str) -> Figure:
    return Figure(
        label=words.reading_word(reading),
        value=None if value is None else number.value_text(value, unit),
        target=None if target is None else f"{bound} {number.value_text(target, unit)}",
    )


def _gap(verdict: Verdict, bound: str) -> str | None:
    if verdict.gap is None or verdict.target is None:
        return None
    goal = (
        f"the goal of {number.value_text(verdict.target, verdict.unit)}" if verdict.goal_type == "reach" else "target"
    )
    if verdict.gap == 0:
        return f"exactly on {goal}"
    above, below = ("above", "below") if bound == "at least" else ("over", "inside")
    return f"{number.distance_text(verdict.gap, verdict.unit)} {above if verdict.gap > 0 else below} {goal}"


def _conditions(verdict: Verdict, values: Iterable[Value], card: Card) -> Sequence[Figure]:
    """What else has to hold for the goal besides its headline."""
    period = (verdict.metric_id, verdict.period_kind, verdict.period_start)
    found = [
        _figure(value.reading, value.value, value.target, value.unit, words.bound(value.reading, card.direction))
        for value in values
        if (value.metric_id, value.period_kind, value.period_start) == period and value.target is not None
    ]
    return [figure for figure in found if figure.label != words.reading_word(verdict.reading)]


def _facts(verdict: Verdict) -> Sequence[tuple[str, str]]:
    facts = []
    if verdict.ci_low is not None and verdict.ci_high is not None:
        facts.append(("95% interval", number.range_text(verdict.ci_low, verdict.ci_high, verdict.unit)))
    if verdict.is_supported_at_95 is not None:
        facts.append(("At 95% confidence", "supported" if verdict.is_supported_at_95 else "not settled"))
    if verdict.n is not None:
        facts.append(("n", f"{verdict.n:,}"))
    if verdict.previous_value is not None:
        before = number.value_text(verdict.previous_value, verdict.unit)
        facts.append(("Before", before if verdict.trend is None else f"{before}, {verdict.trend}"))
    if verdict.periods_evaluated:
        noun = words.period_noun(verdict.period_kind)
        held = f"{verdict.periods_held:,} of {number.count_text(verdict.periods_evaluated, noun)}"
        facts.append(("Target held", held))
    if verdict.readable_on is not None:
        facts.append(("Readable from", words.day_text(verdict.readable_on)))
    return facts


def _pooled(verdict: Verdict) -> Pooled | None:
    if verdict.goal_period_status is None:
        return None
    value, count = verdict.goal_period_value, verdict.goal_period_n
    parts = ["" if value is None else number.value_text(value, verdict.unit), "" if count is None else f"n {count:,}"]
    return Pooled(
        period=words.period_text("goal_period", verdict.goal_period_start, verdict.goal_period_end),
        mark=Mark(verdict.goal_period_status),
        text=", ".join(part for part in parts if part),
    )


def _series(reading: str, verdict: Verdict, values: Iterable[Value], bound: str) -> Series:
    kind = (verdict.metric_id, reading, verdict.period_kind)
    points = sorted(
        (value for value in values if (value.metric_id, value.reading, value.period_kind) == kind),
        key=lambda value: value.period_start,
    )
    return Series(
        label=words.reading_word(reading),
        unit=points[0].unit if points else verdict.unit,
        bound=bound,
        days=[point.period_start for point in points],
        values=[point.value for point in points],
        targets=[point.target for point in points],
    )


def _trend(verdict: Verdict, values: Sequence[Value], card: Card, agreements: Sequence[Agreement]) -> Trend:
    judged = {value.reading for value in values if value.metric_id == verdict.metric_id and value.target is not None}
    readings = sorted(judged, key=lambda reading: (reading != verdict.reading, reading))
    return Trend(
        metric_id=verdict.metric_id,
        question=card.question,
        status=verdict.status,
        panels=[_series(reading, verdict, values, words.bound(reading, card.direction)) for reading in readings],
        agreement=_agreement(max(agreements, key=lambda agreement: agreement.day, default=None)),
    )


def _agreement(today: Agreement | None) -> str:
    if today is None or today.is_disagreement is None:
        return "One of the two readings has no value today, so they cannot be compared."
    if not today.is_disagreement:
        return "Both readings say the same today."
    held, missed = "the 90th percentile of what was launched", "the share of everything that was resolved in time"
    if today.is_share_within_45_met:
        held, missed = missed, held
    return f"The two readings disagree today: {held} holds, {missed} does not."


def _tally(company: Sequence[Verdict]) -> str:
    counts = Counter(verdict.status for verdict in company)
    parts = [
        f"{words.STATUS_WORDS[status].lower()} on {counts[status]}" for status in words.STATUS_WORDS if counts[status]
    ]
    first, *rest = parts
    text = f"{first} of {number.count_text(len(company), 'goal')}"
    return ", ".join([text[0].upper() + text[1:], *rest]) + "."


def _biggest_reason(tiles: Sequence[Tile]) -> Tile | None:
    """The losing goal to look at first: a lead measure before what it leads to, then the one lost in most squads."""
    losing = [tile for tile in tiles if tile.mark.status == "losing"]
    return max(losing, key=lambda tile: (tile.level, len(tile.losing_squads)), default=None)


def _is_held_by_units(metric_id: str, verdicts: Iterable[Verdict]) -> bool:
    return any(verdict.metric_id == metric_id and verdict.org_level != "company" for verdict in verdicts)


def _unit_rows(
    company: Sequence[Verdict], verdicts: Sequence[Verdict], people: Sequence[Person], names: Mapping[str, str]
) -> Sequence[UnitRow]:
    goals = [verdict.goal_id for verdict in company if _is_held_by_units(verdict.metric_id, verdicts)]
    by_unit: dict[UnitKey, dict[str, Verdict]] = {}
    for verdict in verdicts:
        by_unit.setdefault(verdict.unit_key, {})[verdict.goal_id] = verdict
    squad_of = {person.person_id: person.squad_id for person in people}

    def name(key: UnitKey) -> str:
        _, squad, person = key
        return names.get(person, person) if person else squad or "Company"

    def place(key: UnitKey) -> tuple[bool, str, bool, str, str]:
        level, squad, person = key
        home = squad or squad_of.get(person or "") or ""
        return (level != "company", home, level == "person", name(key), person or "")

    return [
        UnitRow(key[0], name(key), [_cell(by_unit[key].get(goal)) for goal in goals])
        for key in sorted(by_unit, key=place)
    ]


def _cell(verdict: Verdict | None) -> Cell | None:
    if verdict is None:
        return None
    value = None if verdict.value is None else number.value_text(verdict.value, verdict.unit)
    before = None if verdict.previous_value is None else number.value_text(verdict.previous_value, verdict.unit)
    return Cell(Mark(verdict.status), value, verdict.status_reason, before=None if value else before)


def _broken_rules(violations: Sequence[Violation]) -> Sequence[BrokenRule]:
    """The rules broken most, errors before warnings."""
    by_rule: dict[str, list[Violation]] = {}
    for violation in violations:
        by_rule.setdefault(violation.rule_id, []).append(violation)
    ordered = sorted(by_rule.items(), key=lambda item: (item[1][0].severity != "error", -len(item[1]), item[0]))
    return [_broken_rule(cases) for _, cases in ordered[:WORST_RULES]]


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
