from datetime import date

import numpy as np
import pytest

from metrics_py.errors import OutOfRangeError
from metrics_py.okr.targets import Initiative, check_target, next_target

START, END = date(2025, 10, 1), date(2026, 1, 1)
MOMENTUM = (0.35, 0.5)


def proposed(**changes):
    settings = {"momentum_per_week": MOMENTUM, "period_start": START, "period_end": END}
    return next_target(68.5, **(settings | changes))


SSO = Initiative(name="single sign-on", effect=2.0, probability=0.6, live_on=date(2025, 11, 16))


def test_68_5_at_35_to_50_hundredths_a_week_leads_to_73_1_to_75_1_over_the_real_92_days():
    proposal = proposed()
    assert (round(proposal.momentum_low, 1), round(proposal.momentum_high, 1)) == (73.1, 75.1)
    assert proposal.momentum_low == pytest.approx(68.5 + 0.35 * 92 / 7)


def test_every_initiative_has_its_term_and_the_terms_sum_to_the_expectation():
    proposal = proposed(initiatives=[SSO], context=-0.4, context_reason="the December freeze", damping=0.8)
    terms = {term.name: term.value for term in proposal.terms}
    assert list(terms) == ["baseline", "momentum", "single sign-on", "context"]
    assert terms["single sign-on"] == pytest.approx(2.0 * 0.6 * 46 / 92)
    assert terms["momentum"] == pytest.approx(0.8 * 0.425 * 92 / 7)
    assert sum(terms.values()) == pytest.approx(proposal.expected)
    assert "0.5 of the period" in proposal.terms[2].working


def test_commit_target_and_stretch_are_reached_with_probability_70_50_and_15():
    second = Initiative(name="new import", effect=3.0, probability=0.25, live_on=START)
    proposal = proposed(initiatives=[SSO, second])
    random = np.random.default_rng(5)
    draws = (
        68.5
        + random.normal(0.425, 0.075 / 1.2815515655446004, 200_000) * 92 / 7
        + 2.0 * 0.5 * (random.random(200_000) < 0.6)
        + 3.0 * (random.random(200_000) < 0.25)
    )
    for level, chance in ((proposal.commit, 0.7), (proposal.target, 0.5), (proposal.stretch, 0.15)):
        assert (draws >= level).mean() == pytest.approx(chance, abs=0.005)
        assert check_target(level, proposal).p_hit == pytest.approx(chance, abs=1e-6)


def test_where_lower_is_better_stretch_is_the_lowest():
    proposal = proposed(momentum_per_week=(-0.5, -0.35), higher_is_better=False)
    mirrored = next_target(-68.5, momentum_per_week=MOMENTUM, period_start=START, period_end=END)
    assert proposal.stretch < proposal.target < proposal.commit
    assert (proposal.commit, proposal.stretch) == pytest.approx((-mirrored.commit, -mirrored.stretch))
    assert not check_target(50, proposal).is_supported
    assert check_target(63, proposal).is_supported


def test_a_target_without_a_term_to_carry_it_is_flagged_with_what_is_missing():
    check = check_target(80, proposed())
    assert not check.is_supported
    assert check.gap == pytest.approx(80 - 68.5 - 0.425 * 92 / 7)
    assert "no term supports 80" in check.sentence
    assert check_target(
        80, proposed(initiatives=[Initiative(name="x", effect=9, probability=1, live_on=START)])
    ).is_supported


def test_without_momentum_or_initiatives_any_gain_is_unsupported():
    nothing = proposed(momentum_per_week=(0.0, 0.0))
    assert (nothing.commit, nothing.stretch) == pytest.approx((68.5, 68.5))
    assert not check_target(68.6, nothing).is_supported
    assert check_target(68.5, nothing).is_supported


def test_an_initiative_that_goes_live_after_the_period_adds_nothing():
    late = proposed(initiatives=[Initiative(name="late", effect=5, probability=1, live_on=END)])
    assert late.expected == pytest.approx(proposed().expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"momentum_per_week": (0.5, 0.35)}, "Swap"),
        ({"context": 1.0}, "needs its reason"),
        ({"damping": 1.5}, "damping"),
        ({"initiatives": [Initiative(name="sure", effect=1, probability=60, live_on=START)]}, "sure"),
        ({"period_end": START}, "ends after it starts"),
        ({"initiatives": [SSO] * 13}, "at most 12"),
    ],
)
def test_inputs_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(OutOfRangeError, match=message):
        proposed(**changes)
