"""One chunk of the sample company: everything that truly happened in some units of scale."""

from dataclasses import dataclass

import polars as pl

from metrics_py.sample.world.accounts import Accounts, draw_accounts
from metrics_py.sample.world.lifecycle import Feature
from metrics_py.sample.world.notes import draw_notes
from metrics_py.sample.world.outcomes import Outcomes, draw_outcomes
from metrics_py.sample.world.planting import plant
from metrics_py.sample.world.process import Process, draw_processes
from metrics_py.sample.world.roadmap import draw_features
from metrics_py.sample.world.surveys import Surveys, draw_surveys


@dataclass(frozen=True)
class World:
    """Some units of the company; chunks share nothing but the calendar.

    `units` counts its work (features and notes), `teams` its organisation and its customers (squads, people, accounts,
    surveys); both are 1 at scale 1.
    """

    seed: int
    chunk: int
    units: int
    teams: int
    clean: bool
    features: list[Feature]
    planted: dict[str, str]
    processes: list[Process]
    outcomes: list[Outcomes]
    notes: pl.DataFrame
    accounts: Accounts
    surveys: Surveys


def draw_world(seed: int, chunk: int, units: int, teams: range, *, clean: bool) -> World:
    """Draw some units of the company, whose work is shared by some teams; the same arguments give the same world."""
    features = draw_features(seed, chunk, units, teams, clean=clean)
    planted = plant(seed, chunk, features, clean=clean)
    accounts = draw_accounts(seed, chunk, len(teams))
    return World(
        seed,
        chunk,
        units,
        len(teams),
        clean,
        features,
        planted,
        draw_processes(seed, chunk, features, planted, clean=clean),
        draw_outcomes(seed, chunk, features, planted, clean=clean),
        draw_notes(seed, chunk, units, features, companies=accounts.accounts.height),
        accounts,
        draw_surveys(seed, chunk, len(teams), accounts, clean=clean),
    )
