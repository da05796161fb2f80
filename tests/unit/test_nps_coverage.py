"""Redrawn waves in three companies whose engaged users like the product better and answer more often.

Each company is a fixed population of nine cells (tenure by engagement). A wave invites a proportional sample of every
cell, some of the invited answer, and the answers are a draw without replacement from the cell's people, so that the
true NPS is known exactly and the headline can be held to it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from metrics_py.nps import nps_from_counts, nps_post_stratified_from_counts

WAVES = 1_000
ENGAGEMENT = ("low", "medium", "high")
TENURE = ("new", "settled", "old")


@dataclass(frozen=True)
class World:
    seed: int
    people: int
    invited: int
    engagement_shares: tuple[float, float, float]
    response_rates: tuple[float, float, float]
    promoter_shares: tuple[float, float, float]
    detractor_shares: tuple[float, float, float]


WORLDS = {
    "a large company with a strong lean": World(
        seed=11,
        people=40_000,
        invited=2_400,
        engagement_shares=(0.50, 0.30, 0.20),
        response_rates=(0.08, 0.25, 0.55),
        promoter_shares=(0.15, 0.35, 0.60),
        detractor_shares=(0.45, 0.25, 0.10),
    ),
    "a small company that asks a third of its users": World(
        seed=12,
        people=3_000,
        invited=900,
        engagement_shares=(0.40, 0.35, 0.25),
        response_rates=(0.15, 0.35, 0.65),
        promoter_shares=(0.25, 0.40, 0.70),
        detractor_shares=(0.35, 0.20, 0.05),
    ),
    "a product that its few heavy users love": World(
        seed=13,
        people=9_000,
        invited=1_500,
        engagement_shares=(0.65, 0.25, 0.10),
        response_rates=(0.10, 0.25, 0.70),
        promoter_shares=(0.10, 0.30, 0.85),
        detractor_shares=(0.55, 0.30, 0.02),
    ),
}


def population_of(world):
    """Promoters, passives and detractors among the people of each of the nine cells."""
    rows = []
    for tenure, tenure_share, tenure_effect in zip(TENURE, (0.3, 0.5, 0.2), (-0.05, 0.0, 0.05), strict=True):
        for position, engagement in enumerate(ENGAGEMENT):
            users = round(world.people * tenure_share * world.engagement_shares[position])
            promoters = round(users * (world.promoter_shares[position] + tenure_effect))
            detractors = round(users * world.detractor_shares[position])
            rows.append((tenure, engagement, users, promoters, users - promoters - detractors, detractors))
    names = ["tenure", "engagement", "users", "promoters", "passives", "detractors"]
    return pl.DataFrame(rows, schema=names, orient="row")


def redraw(world, population):
    """Counts of answers per wave and cell."""
    generator = np.random.default_rng(world.seed)
    cells = []
    for _, engagement, users, *classes in population.iter_rows():
        invited = round(world.invited * users / population["users"].sum())
        answered = generator.binomial(invited, world.response_rates[ENGAGEMENT.index(engagement)], WAVES)
        drawn = np.array([generator.multivariate_hypergeometric(classes, n, method="marginals") for n in answered])
        cells.append(pl.DataFrame(drawn, schema=["promoters", "passives", "detractors"]).with_row_index("wave"))
    users = population["users"]
    return pl.concat(cell.with_columns(pl.lit(users[row]).alias("users")) for row, cell in enumerate(cells))


@pytest.fixture(scope="module", params=WORLDS)
def waves(request):
    world = WORLDS[request.param]
    population = population_of(world)
    answers = redraw(world, population)
    truth = nps_from_counts(population)["nps"].item()
    headline = nps_post_stratified_from_counts(answers, size="users", by="wave", single="centre")
    raw = nps_from_counts(answers, by="wave")
    assert headline.height == raw.height == WAVES
    return truth, headline, raw


def test_the_headline_is_on_target_where_the_raw_score_is_off_by_more_than_10(waves):
    truth, headline, raw = waves
    assert abs(headline["nps"].mean() - truth) < 1
    assert abs(raw["nps"].mean() - truth) > 10


def test_95_percent_intervals_cover_the_truth_in_92_to_98_percent_of_the_waves(waves):
    truth, headline, raw = waves
    covered = headline.select(pl.lit(truth).is_between("ci_low", "ci_high").mean()).item()
    assert 0.92 <= covered <= 0.98
    assert raw.select(pl.lit(truth).is_between("ci_low", "ci_high").mean()).item() < 0.5


def test_the_standard_error_is_the_spread_of_the_redrawn_scores(waves):
    _, headline, _ = waves
    assert headline["se"].mean() == pytest.approx(headline["nps"].std(), rel=0.1)
