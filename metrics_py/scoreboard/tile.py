"""One goal of one organisation unit as texts ready to be set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metrics_py.scoreboard import number, words
from metrics_py.scoreboard.rows import Card, Goal, Value, Verdict
from metrics_py.scoreboard.series import Series, series_of


@dataclass(frozen=True)
class Mark:
    """A status as it is shown: its word, and the name that picks its sign and colour."""

    status: str

    @property
    def word(self) -> str:
        """The word for it."""
        return words.STATUS_WORDS.get(self.status) or words.KEY_RESULT_WORDS[self.status]

    @property
    def tone(self) -> str:
        """The status of a goal whose colour it is shown in."""
        return words.TONES.get(self.status, self.status)

    @property
    def sign(self) -> str:
        """Name of its sign."""
        return "at_risk" if self.status == "at_risk" else self.tone


@dataclass(frozen=True)
class Figure:
    """A value with what it is held against, in words; `value` is null when there is none."""

    label: str
    value: str | None
    target: str | None


@dataclass(frozen=True)
class Pooled:
    """The verdict over a goal's own period as a whole."""

    period: str
    mark: Mark
    text: str


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


def tile_of(
    verdict: Verdict, verdicts: Iterable[Verdict], values: Iterable[Value], card: Card, *, goal: Goal | None = None
) -> Tile:
    """A goal as its tile; `verdicts` are looked through for the squads that lose it, `values` for its history."""
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
        series=series_of(verdict.reading, verdict, values, bound, goal=goal),
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
