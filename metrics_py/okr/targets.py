"""The next target, term by term: where momentum leads, what the initiatives should add, and how sure that is.

`B + damping x momentum x weeks + sum(effect x probability x share of period live) + context`. The momentum is a range
that holds it four times in five; an initiative either works, with its probability, or adds nothing; so the next value
is a mixture of normals. Commit, target and stretch are its .3, .5 and .85 quantiles (from above where lower is better),
which are reached with a probability of .7, .5 and .15.

Sources: METRICS.md, Key results; the damped trend of Gardner and McKenzie (1985) as one factor for the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import fsum
from statistics import NormalDist
from typing import TypeAlias

from metrics_py.errors import OutOfRangeError
from metrics_py.interval import normal_quantile
from metrics_py.okr._sentences import decimals_for, number, told_apart
from metrics_py.okr.progress import elapsed_share

COMMIT, TARGET, STRETCH = 0.3, 0.5, 0.85
MOST_INITIATIVES = 12
"""Each doubles the cases that the distribution is made of."""

Outcome: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    """Something planned that should move the key result by `effect` (its unit, with sign) if it works."""

    name: str
    effect: float
    probability: float
    live_on: date


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a next target, in the key result's unit, with the sum it came from."""

    name: str
    value: float
    working: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTarget:
    """A proposal for the next period: its terms, which sum to `expected`, and the three levels of ambition.

    `momentum_low` and `momentum_high` are the values before initiatives and context; `outcomes` the cases of the
    mixture: probability, mean and standard deviation of each.
    """

    terms: tuple[Term, ...]
    expected: float
    momentum_low: float
    momentum_high: float
    commit: float
    target: float
    stretch: float
    higher_is_better: bool
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCheck:
    """Whether the terms support a proposed target, with the sentence that says so."""

    is_supported: bool
    p_hit: float
    gap: float
    sentence: str


def next_target(
    baseline: float,
    *,
    momentum_per_week: tuple[float, float],
    period_start: date,
    period_end: date,
    damping: float = 1.0,
    initiatives: Sequence[Initiative] = (),
    context: float = 0.0,
    context_reason: str = "",
    higher_is_better: bool = True,
) -> NextTarget:
    """Next target from the last value, with every term shown.

    Args:
        baseline: value at the start of the period.
        momentum_per_week: lowest and highest weekly change that goes on by itself, with sign; equal for a sure one.
        period_start: first day of the period.
        period_end: the day after its last; weeks are its real days over seven.
        damping: share of the momentum that lasts, 0..1.
        initiatives: what is planned.
        context: a known change that nobody works for (a price rise, a season), in the key result's unit.
        context_reason: what it is; a context other than 0 needs one.
        higher_is_better: false where the target is reached from above.
    Returns: the terms and the levels: commit is reached with probability .7, target .5, stretch .15.
    Raises: OutOfRangeError for a period without days, a share outside 0..1, momentum in the wrong order, a context
        without its reason, or more initiatives than can be told apart.

    Examples:
        >>> proposal = next_target(68.5, momentum_per_week=(0.35, 0.5), period_start=date(2025, 10, 1),
        ...                        period_end=date(2026, 1, 1))
        >>> round(proposal.momentum_low, 1), round(proposal.momentum_high, 1)
        (73.1, 75.1)
        >>> [(term.name, round(term.value, 2)) for term in proposal.terms]
        [('baseline', 68.5), ('momentum', 5.59)]
    """
    slow, fast = momentum_per_week
    if slow > fast:
        raise OutOfRangeError(f"momentum_per_week is its lowest and its highest; found {slow} and {fast}. Swap them")
    if context and not context_reason:
        raise OutOfRangeError(f"a context of {number(context)} needs its reason; say what will change by itself")
    if len(initiatives) > MOST_INITIATIVES:
        raise OutOfRangeError(
            f"at most {MOST_INITIATIVES} initiatives; found {len(initiatives)}. A key result has one to three"
        )
    if period_end <= period_start:
        raise OutOfRangeError(f"a period ends after it starts; found {period_start} to {period_end}")
    for name, share in [("damping", damping), *((item.name, item.probability) for item in initiatives)]:
        if not 0 <= share <= 1:
            raise OutOfRangeError(f"the share of {name} must be from 0 to 1; found {share}. Write 80% as 0.8")
    weeks = (period_end - period_start).days / 7
    low, high = (damping * weekly * weeks for weekly in momentum_per_week)
    live = [1 - elapsed_share(item.live_on, start=period_start, end=period_end) for item in initiatives]
    terms = [
        Term("baseline", baseline, f"the last value, {number(baseline, decimals_for(baseline))}"),
        Term(
            "momentum",
            (low + high) / 2,
            f"{number(damping, 2)} x {number((slow + fast) / 2, 3)} a week x {number(weeks, 2)} weeks",
        ),
        *(
            Term(
                item.name,
                item.effect * item.probability * share,
                f"{number(item.effect, 3)} x {number(item.probability, 2)} likely x {number(share, 2)} of the period",
            )
            for item, share in zip(initiatives, live, strict=True)
        ),
        *([Term("context", context, context_reason)] if context else []),
    ]
    outcomes = _outcomes(
        baseline + context + (low + high) / 2,
        (high - low) / (2 * normal_quantile(0.8)),
        [(item.effect * share, item.probability) for item, share in zip(initiatives, live, strict=True)],
    )
    commit, target, stretch = (
        _quantile(outcomes, level if higher_is_better else 1 - level) for level in (COMMIT, TARGET, STRETCH)
    )
    return NextTarget(
        terms=tuple(terms),
        expected=sum(term.value for term in terms),
        momentum_low=baseline + low,
        momentum_high=baseline + high,
        commit=commit,
        target=target,
        stretch=stretch,
        higher_is_better=higher_is_better,
        outcomes=outcomes,
    )


def check_target(proposed: float, proposal: NextTarget) -> TargetCheck:
    """Whether a proposed target is supported: one beyond the stretch level has no term that carries it there.

    Examples:
        >>> proposal = next_target(68.5, momentum_per_week=(0.35, 0.5), period_start=date(2025, 10, 1),
        ...                        period_end=date(2026, 1, 1))
        >>> check_target(80, proposal).is_supported, check_target(74, proposal).is_supported
        (False, True)
        >>> check_target(80, proposal).sentence
        'no term supports 80: the terms lead to 74.1, 5.9 short, and stretch ends at 74.9; name what adds the rest'
    """
    sign = 1 if proposal.higher_is_better else -1
    gap = sign * (proposed - proposal.expected)
    is_supported = sign * (proposed - proposal.stretch) <= 1e-9 * max(abs(proposed), 1.0)
    if is_supported:
        sentence = f"{number(proposed, 3)} lies within stretch, {told_apart(proposal.stretch, proposed)[0]}"
    else:
        stretch, wanted = told_apart(proposal.stretch, proposed)
        digits = decimals_for(proposed, proposal.expected)
        sentence = (
            f"no term supports {wanted}: the terms lead to {number(proposal.expected, digits)}, {number(gap, digits)} "
            f"short, and stretch ends at {stretch}; name what adds the rest"
        )
    p_hit = _reaching(proposal.outcomes, proposed, sign=sign)
    return TargetCheck(is_supported=is_supported, gap=gap, sentence=sentence, p_hit=p_hit)


def _outcomes(centre: float, spread: float, steps: Sequence[tuple[float, float]]) -> tuple[Outcome, ...]:
    """Every case of initiatives that work and that do not, as (probability, mean, standard deviation)."""
    cases = []
    for works in product((False, True), repeat=len(steps)):
        probability, mean = 1.0, centre
        for (effect, chance), is_working in zip(steps, works, strict=True):
            probability *= chance if is_working else 1 - chance
            mean += effect if is_working else 0.0
        if probability > 0:
            cases.append((probability, mean, spread))
    return tuple(cases)


def _below(outcomes: Sequence[Outcome], value: float) -> float:
    return fsum(
        probability * (NormalDist(mean, spread).cdf(value) if spread > 0 else float(value >= mean))
        for probability, mean, spread in outcomes
    )


def _reaching(outcomes: Sequence[Outcome], value: float, *, sign: int) -> float:
    """Probability of a value as good or better; a sure case that is exactly as good reaches it."""
    slack = 1e-9 * max(abs(value), 1.0)
    return fsum(
        probability
        * (NormalDist(0, spread).cdf(sign * (mean - value)) if spread > 0 else float(sign * (mean - value) >= -slack))
        for probability, mean, spread in outcomes
    )


def _quantile(outcomes: Sequence[Outcome], probability: float) -> float:
    low = min(mean - 9 * spread for _, mean, spread in outcomes)
    high = max(mean + 9 * spread for _, mean, spread in outcomes)
    for _ in range(60):
        middle = (low + high) / 2
        # Sums of probabilities miss 1 by a rounding error, which must not carry a sure thing to the far end.
        if _below(outcomes, middle) < probability - 1e-12:
            low = middle
        else:
            high = middle
    return high
