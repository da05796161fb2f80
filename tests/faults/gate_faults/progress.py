"""Faults in how much a squad has under way: work of two teams of our own, each allowed five features at once."""

from datetime import UTC, datetime

from tests.faults.gate_faults.fault import fault, near_miss
from tests.faults.gate_faults.tables import DAY, Feature, Suits, Tables, local_day, midnight, shipped

LIMITS = "squad_id,wip_limit\nover-team,5\nat-team,5\n"
BUSY_DAY = datetime(2025, 6, 10, 12, tzinfo=UTC)
OTHER_BUSY_DAY = datetime(2025, 3, 11, 12, tzinfo=UTC)


def under_way(at: datetime) -> Suits:
    """Features that passed Define days before an instant and launched days after it."""

    def suits(feature: Feature) -> bool:
        return shipped(feature) and feature.passed["define"] < at - 2 * DAY and at + 3 * DAY < feature.shipped

    return suits


def lend(record: Tables, features: tuple[Feature, ...], squad: str, at: datetime) -> None:
    """Hand features to a squad for one day, and back."""
    for feature in features:
        first = midnight(local_day(at))
        (owner,) = record.rows("feature_owner", feature_id=str(feature)).to_dicts()
        record.add(
            "feature_owner",
            owner | {"squad": squad, "valid_from": first},
            owner | {"valid_from": first + DAY},
        )


@fault({"wip_over_limit": ["over-team/2025-06-10"]}, suits=under_way(BUSY_DAY), features=6)
def six_features_at_once_where_five_are_allowed(record: Tables, *features: Feature) -> None:
    lend(record, features, "over-team", BUSY_DAY)


@near_miss(suits=under_way(OTHER_BUSY_DAY), features=5)
def five_features_at_once_where_five_are_allowed(record: Tables, *features: Feature) -> None:
    lend(record, features, "at-team", OTHER_BUSY_DAY)
