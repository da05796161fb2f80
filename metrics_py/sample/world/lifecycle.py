"""A feature of the sample company: its plan, its owners, and everything that truly happened to its card."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from metrics_py.sample.calendar import AS_OF, midnight
from metrics_py.sample.organisation import Squad


@dataclass(frozen=True)
class Owner:
    """Who owns a feature from the start of a local date on."""

    person: str
    squad_id: str
    valid_from: date


@dataclass(frozen=True)
class Launch:
    """A full-audience launch and, where it was taken back, when."""

    launched_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """Local dates of a feature's way through the stages; a stage never reached is None."""

    idea: date
    discover: date | None = None
    define: date | None = None
    develop: date | None = None
    deliver: date | None = None
    launch: date | None = None
    fast: bool = False


@dataclass
class Feature:
    """A feature or subfeature with everything that truly happened to its card."""

    feature_id: str
    name: str
    squad: Squad
    fate: str
    """shipped | ahead | stopped | stalled | wont_do | legacy | subfeature."""
    plan: Plan
    created_at: datetime
    owners: list[Owner]
    parent_id: str | None = None
    has_log: bool = True
    has_release: bool = True
    status_webhooks: bool = False
    quirk: str = "none"
    statuses: list[tuple[datetime, str]] = field(default_factory=list)
    cards: list[tuple[datetime, str]] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)
    beta_at: datetime | None = None

    @property
    def is_subfeature(self) -> bool:
        """True for a part of another feature."""
        return self.parent_id is not None

    @property
    def has_card(self) -> bool:
        """True when a card of its own stands on the portal or in the status list."""
        return bool(self.cards or self.statuses)

    def owner_at(self, instant: datetime) -> Owner:
        """The owner at an instant; the first one before the feature was owned."""
        standing = [owner for owner in self.owners if midnight(owner.valid_from) <= instant]
        return standing[-1] if standing else self.owners[0]

    @property
    def shipped_at(self) -> datetime | None:
        """The first full-audience launch up to as_of."""
        return self.launches[0].launched_at if self.launches and self.launches[0].launched_at <= AS_OF else None


def moment(random: np.random.Generator, day: date, first_hour: float = 8.0, last_hour: float = 17.5) -> datetime:
    """A whole second in the working hours of a local date."""
    return midnight(day) + timedelta(seconds=int(random.integers(int(first_hour * 3600), int(last_hour * 3600))))


def days(random: np.random.Generator, low: int, high: int) -> timedelta:
    """A whole number of days, both ends included."""
    return timedelta(days=int(random.integers(low, high + 1)))
