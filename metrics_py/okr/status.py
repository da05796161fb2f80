"""The verdict on one key result on one day: the first rule that applies, with its reason and what to do about it.

A verdict is computed from facts alone. Silence is never green: a key result without a reading is `no_data`, one whose
reading is old is `stale`, and one that cannot be read yet is `too_early` with the date from which it can.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from metrics_py.okr._sentences import KEY_QUESTIONS, RECOMMENDATIONS, in_unit, number, share_words
from metrics_py.okr.progress import GoalType, progress_ratio
from metrics_py.okr.rules import DEFAULT_RULES, StatusRules

Status: TypeAlias = Literal[
    "on_track", "at_risk", "off_track", "achieved", "missed", "too_early", "no_data", "stale", "no_target"
]
Confidence: TypeAlias = Literal["High", "Medium", "Low"]
Rule: TypeAlias = Literal[
    "closed",
    "no_target",
    "no_data",
    "no_value",
    "not_yet_due",
    "stale",
    "immature",
    "launch_too_recent",
    "nothing_expected_yet",
    "achieved",
    "maintain",
    "p_hit",
    "progress_ratio",
    "best_pace",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a key result on a day. `value` is its last reading; `points` counts the baseline as one.

    `due_on` is when a first reading will come, `missing_reason` why the metric it is read from has no value now. What
    else a maintain goal asks for is in `others_hold`, with its numbers in `other_conditions`. `is_pooled` marks a value
    over the whole period.
    """

    on: date
    period_end: date
    target: float | None
    higher_is_better: bool | None
    baseline: float | None = None
    goal_type: GoalType = "reach"
    value: float | None = None
    observed_on: date | None = None
    cadence_days: int = 7
    points: int = 0
    matured_share: float | None = 1.0
    matured_on: date | None = None
    launched_on: date | None = None
    progress: float | None = None
    expected: float | None = None
    expected_from: date | None = None
    p_hit: float | None = None
    half_width: float | None = None
    required_pace: float | None = None
    best_pace: float | None = None
    unit: str | None = None
    due_on: date | None = None
    missing_reason: str | None = None
    others_hold: bool = True
    other_conditions: str | None = None
    is_pooled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A computed label with the rule that gave it, why, and from when a `too_early` can be read."""

    status: Status
    rule: Rule
    reason: str
    confidence: Confidence
    readable_on: date | None = None

    @property
    def key_question(self) -> str:
        """The question that this verdict puts to the team."""
        return KEY_QUESTIONS[self.rule][self.status]

    @property
    def recommendation(self) -> str:
        """What to do next, in one sentence, from the rule that decided."""
        return RECOMMENDATIONS[self.rule][self.status]


def verdict(facts: Facts, rules: StatusRules = DEFAULT_RULES) -> Verdict:
    """Status of a key result: the first rule of METRICS.md, Key results, that applies to the facts.

    In order: closed; no target; no data; stale; immature or launched too recently (too_early); achieved; and while it
    runs P(hit), or progress against expected progress where four readings are not yet there, held at at_risk when it
    would take a pace never seen before. A maintain goal is judged by today's value alone. A closed one is judged by
    its closing reading; when the readings stopped long before the end, it is stale.

    Examples:
        >>> a = Facts(on=date(2025, 8, 19), period_end=date(2025, 10, 1), baseline=58, target=72, higher_is_better=True,
        ...           value=64, observed_on=date(2025, 8, 19), points=2, progress=6 / 14, expected=49 / 92)
        >>> verdict(a).status, verdict(a).confidence
        ('at_risk', 'Low')
        >>> verdict(a).reason
        'progress is 80.5% of what was expected by now, between 70% and 90%'
    """
    status, rule, reason, readable_on = _decide(facts, rules)
    return Verdict(
        status=status, rule=rule, reason=reason, confidence=confidence(facts, rules), readable_on=readable_on
    )


def confidence(facts: Facts, rules: StatusRules = DEFAULT_RULES) -> Confidence:
    """How much a verdict can be leaned on: High, Medium or Low.

    High takes eight points, a fresh reading, 80% matured and an 80% forecast interval whose half-width is at most a
    quarter of the way from baseline to target. Low is fewer than four points, less than half matured, or stale.

    Examples:
        >>> confidence(Facts(on=date(2025, 8, 19), period_end=date(2025, 10, 1), target=72, higher_is_better=True))
        'Low'
    """
    matured = facts.matured_share if facts.matured_share is not None else 0.0
    if facts.points < rules.fewest_points or matured < rules.readable_matured_share or not _is_fresh(facts, rules):
        return "Low"
    way = None if facts.target is None or facts.baseline is None else abs(facts.target - facts.baseline)
    is_narrow = (
        way is not None and facts.half_width is not None and facts.half_width <= rules.high_confidence_half_width * way
    )
    is_high = facts.points >= rules.high_confidence_points and matured >= rules.high_confidence_matured_share
    return "High" if is_high and is_narrow else "Medium"


def status_by_pace_gap(
    actual: float | None, expected: float | None, rules: StatusRules = DEFAULT_RULES
) -> Status | None:
    """Label under the pace-gap rule: how many points of expected progress it is behind.

    Args:
        actual: progress.
        expected: linear expected progress, as the rule's publisher defines it.
        rules: the thresholds, 16.5 and 33 points by default.
    Source: Engagedly, Automatic status updates for goals.

    Examples:
        >>> status_by_pace_gap(6 / 14, 49 / 92)
        'on_track'
    """
    if actual is None or expected is None:
        return None
    gap = expected - actual
    if actual >= 1:
        return "achieved"
    return "on_track" if gap < rules.gap_on_track else "at_risk" if gap <= rules.gap_at_risk else "off_track"


def status_by_ratio_bands(
    actual: float | None, expected: float | None, rules: StatusRules = DEFAULT_RULES
) -> Status | None:
    """Label under the ratio-band rule: progress as a share of linear expected progress; null before anything is due.

    Source: UpRaise, OKR confidence statuses.

    Examples:
        >>> status_by_ratio_bands(6 / 14, 49 / 92)
        'at_risk'
    """
    if actual is not None and actual >= 1:
        return "achieved"
    ratio = progress_ratio(actual, expected)
    if ratio is None:
        return None
    return "on_track" if ratio >= rules.band_on_track else "at_risk" if ratio >= rules.band_at_risk else "off_track"


def rules_disagree(status: str, others: Iterable[str | None]) -> bool:
    """Whether another published rule gives this key result another label; a rule that gives none agrees.

    Examples:
        >>> rules_disagree("at_risk", ["on_track", None]), rules_disagree("at_risk", ["at_risk", None])
        (True, False)
    """
    return any(other is not None and other != status for other in others)


def override_in_force(expires_on: date | None, on: date) -> bool:
    """Whether a person's override still stands on a day; it ends at the start of the day it expires on.

    Without an expiry it stands for as long as it is the latest said.

    Examples:
        >>> [override_in_force(date(2025, 9, 2), date(2025, 9, day)) for day in (1, 2)]
        [True, False]
    """
    return expires_on is None or on < expires_on


_Decision: TypeAlias = tuple[Status, Rule, str, date | None]


def _decide(facts: Facts, rules: StatusRules) -> _Decision:
    missing = _missing_target(facts)
    if missing:
        return "no_target", "no_target", missing, None
    if facts.missing_reason is not None:
        return "no_data", "no_value", f"there is nothing to judge, because {facts.missing_reason}", None
    if facts.value is None or facts.observed_on is None:
        if facts.due_on is not None:
            which = "its reading over the whole period" if facts.on >= facts.period_end else "its first reading"
            return "too_early", "not_yet_due", f"{which} is due on {facts.due_on}", facts.due_on
        return "no_data", "no_data", "nothing was ever read; the baseline is not a reading", None
    if not _is_fresh(facts, rules):
        age = (min(facts.on, facts.period_end) - facts.observed_on).days
        by_then = "when the period closed" if facts.on >= facts.period_end else "old"
        limit = number(rules.stale_after_cadences * facts.cadence_days)
        return "stale", "stale", f"the last reading was {age} days {by_then}; at most {limit} are allowed", None
    assert facts.target is not None
    value, target = in_unit(facts.value, facts.target, facts.unit)
    reaches = facts.value >= facts.target if facts.higher_is_better else facts.value <= facts.target
    holds = reaches and facts.others_hold
    if facts.on >= facts.period_end:
        comparison = "reached" if reaches else "did not reach"
        closing = "over its whole period it came to" if facts.is_pooled else "it closed on"
        reason = f"{closing} {value}, which {comparison} {target}{_others(facts, reaches)}"
        return "achieved" if holds else "missed", "closed", reason, None
    too_early = _too_early(facts, rules)
    if too_early:
        return too_early
    if facts.goal_type == "maintain":
        held = "holds" if reaches else "does not hold"
        is_of_today = facts.observed_on == facts.on
        said = f"today's value of {value}" if is_of_today else f"the value of {facts.observed_on}, {value},"
        reason = f"{said} {held} the target of {target}{_others(facts, reaches)}"
        return "on_track" if holds else "off_track", "maintain", reason, None
    if reaches:
        return "achieved", "achieved", f"{value} has reached {target}", None
    return _running(facts, rules)


def _running(facts: Facts, rules: StatusRules) -> _Decision:
    ratio = progress_ratio(facts.progress, facts.expected)
    if facts.p_hit is not None:
        rule: Rule = "p_hit"
        measured, low, high = facts.p_hit, rules.at_risk_p_hit, rules.on_track_p_hit
        sentence = "the chance of reaching the target is"
    elif ratio is not None:
        rule, measured, low, high = "progress_ratio", ratio, rules.at_risk_ratio, rules.on_track_ratio
        sentence = "progress is"
    else:
        sentence = "nothing is expected of it yet"
        return "too_early", "nothing_expected_yet", sentence, facts.expected_from
    of_what = "" if rule == "p_hit" else " of what was expected by now"
    status: Status = "on_track" if measured >= high else "at_risk" if measured >= low else "off_track"
    if status == "on_track" and _needs_a_record_pace(facts):
        assert facts.required_pace is not None
        assert facts.best_pace is not None
        paces = in_unit(7 * facts.required_pace, 7 * facts.best_pace, facts.unit)
        needed, best = (pace.replace("%", " pp") for pace in paces)
        reason = f"it needs {needed} a week from here, faster than the best seen over a like span, {best}"
        return "at_risk", "best_pace", reason, None
    bounds = {
        "on_track": f"at least {share_words(high)}",
        "at_risk": f"between {share_words(low)} and {share_words(high)}",
        "off_track": f"below {share_words(low)}",
    }
    return status, rule, f"{sentence} {share_words(measured, low, high)}{of_what}, {bounds[status]}", None


def _others(facts: Facts, reaches: bool) -> str:
    if facts.other_conditions is None:
        return ""
    return f"{', and' if reaches == facts.others_hold else ', but'} {facts.other_conditions}"


def _missing_target(facts: Facts) -> str | None:
    if facts.target is None:
        return "it has no target"
    if facts.goal_type == "maintain":
        return "it does not say which way is better" if facts.higher_is_better is None else None
    if facts.baseline is None:
        return "it has no baseline to start from"
    if facts.baseline == facts.target:
        return "its target equals its baseline"
    return "it does not say which way is better" if facts.higher_is_better is None else None


def _too_early(facts: Facts, rules: StatusRules) -> _Decision | None:
    needed = rules.readable_matured_share
    if facts.matured_share is None or facts.matured_share < needed:
        share = "nothing" if not facts.matured_share else f"only {share_words(facts.matured_share, needed)} of it"
        reason = f"{share} has had its measurement lag; {share_words(needed)} is needed"
        return "too_early", "immature", reason, facts.matured_on
    if facts.launched_on is None or facts.points >= rules.fewest_points:
        return None
    waited = (facts.on - facts.launched_on).days
    if waited >= rules.launch_wait_days:
        return None
    readable_on = facts.launched_on + timedelta(days=rules.launch_wait_days)
    since = f"{waited} days ago" if waited >= 0 else f"due in {-waited} days"
    reason = f"{facts.points} readings, and what should move it launched {since}; {rules.launch_wait_days} are needed"
    if waited < 0:
        reason = f"{facts.points} readings, and the launch that should move it is {since}"
    return "too_early", "launch_too_recent", reason, readable_on


def _needs_a_record_pace(facts: Facts) -> bool:
    if facts.required_pace is None or facts.best_pace is None:
        return False
    if facts.higher_is_better:
        return facts.required_pace > facts.best_pace
    return facts.required_pace < facts.best_pace


def _is_fresh(facts: Facts, rules: StatusRules) -> bool:
    if facts.observed_on is None:
        return False
    age = (min(facts.on, facts.period_end) - facts.observed_on).days
    return age <= rules.stale_after_cadences * facts.cadence_days
