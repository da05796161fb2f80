"""Cards: when each reached a stage and when it was launched, as the warehouse can know it."""

from dataclasses import dataclass, field
from datetime import datetime

from metrics_py.sample.calendar import AS_OF, EXTRACTS
from metrics_py.sample.organisation import STAGE_OF_STATUS, STAGE_RANK
from metrics_py.sample.truth.change_times import ChangeTime, days_between, exact, extract_before, observed
from metrics_py.sample.world.company import World
from metrics_py.sample.world.lifecycle import Feature
from metrics_py.sample.world.traces import feature_edits, feature_status_versions, webhook_receipts

EARLY_WITHDRAWAL_DAYS = 14


@dataclass(frozen=True)
class KnownLaunch:
    """A launch as the warehouse knows it; `at` is None for one that stood before the first extract."""

    number: int
    time: ChangeTime
    at: datetime | None
    withdrawn_at: datetime | None

    @property
    def is_withdrawn_early(self) -> bool:
        """Taken back fewer than 14 calendar days later: no launch for CIRCT."""
        if self.at is None or self.withdrawn_at is None:
            return False
        return days_between(self.at, self.withdrawn_at) < EARLY_WITHDRAWAL_DAYS


@dataclass
class Card:
    """A feature's card: its moves, first entries to each stage, and launches."""

    feature: Feature
    entries: dict[str, ChangeTime] = field(default_factory=dict)
    launches: list[KnownLaunch] = field(default_factory=list)

    @property
    def lasting_launches(self) -> list[KnownLaunch]:
        """Launches that were not taken back early."""
        return [launch for launch in self.launches if not launch.is_withdrawn_early]

    @property
    def shipped_at(self) -> datetime | None:
        """The first launch, early withdrawn or not; None when it is not dated."""
        return self.launches[0].at if self.launches else None


Move = tuple[str, ChangeTime]


def known_cards(world: World) -> dict[str, Card]:
    """The card of every feature and subfeature by id; a subfeature without one has its parent's."""
    edits = feature_edits(world)
    receipts: dict[str, list[datetime]] = {}
    for entity, attribute, received in (
        webhook_receipts(world).select("entity_id", "attribute", "received_at").iter_rows()
    ):
        if attribute == "status" and received <= AS_OF:
            receipts.setdefault(entity, []).append(received)
    cards: dict[str, Card] = {}
    for feature in world.features:
        if feature.parent_id and not feature.has_card:
            cards[feature.feature_id] = cards[feature.parent_id]
            continue
        moves = _logged_moves(feature)
        if not moves:
            moves = _status_moves(feature, edits[feature.feature_id], receipts.get(feature.feature_id, []))
        cards[feature.feature_id] = _card(feature, moves)
    return cards


def _logged_moves(feature: Feature) -> list[Move]:
    return [(stage, exact(at, "portal_log")) for at, stage in feature.cards if at <= AS_OF]


def _status_moves(feature: Feature, edits: list[datetime], receipts: list[datetime]) -> list[Move]:
    """Changes of stage from extract to extract; a status without a stage is passed over."""
    versions = feature_status_versions(feature, edits)
    moves: list[Move] = []
    stage_before: str | None = None
    seen_before: datetime | None = None
    first = True
    for number, extract in enumerate(EXTRACTS):
        standing = [version for version in versions if version[0] <= extract]
        if not standing:
            continue
        _, status, updated = standing[-1]
        stage = STAGE_OF_STATUS.get(status or "")
        if stage is None:
            first = False
            continue
        if stage != stage_before:
            not_yet = seen_before if stage_before is not None else (extract_before(number) if first else None)
            time = observed(
                not_yet=not_yet, shown=extract, created=feature.created_at, updated=updated, receipts=receipts
            )
            moves.append((stage, time))
        stage_before, seen_before, first = stage, extract, False
    return moves


def _card(feature: Feature, moves: list[Move]) -> Card:
    card = Card(feature)
    releases = [launch for launch in feature.launches if launch.launched_at <= AS_OF] if feature.has_release else []
    steps = list(moves)
    if releases:
        for number, launch in enumerate(releases, start=1):
            gone = launch.withdrawn_at if launch.withdrawn_at and launch.withdrawn_at <= AS_OF else None
            dated = exact(launch.launched_at, "source_history")
            card.launches.append(KnownLaunch(number, dated, launch.launched_at, gone))
            steps.append(("launched", dated))
    else:
        for place, (stage, time) in enumerate(moves):
            if stage == "launched":
                left = moves[place + 1][1].estimate if place + 1 < len(moves) else None
                known = None if time.known_at_first else time.estimate
                card.launches.append(KnownLaunch(len(card.launches) + 1, time, known, left))
    for stage, rank in STAGE_RANK.items():
        reached = [time for move, time in steps if STAGE_RANK.get(move, 0) >= rank]
        if reached:
            card.entries[stage] = min(reached, key=lambda time: (time.estimate, time.upper))
    return card
