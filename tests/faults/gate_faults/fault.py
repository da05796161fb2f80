"""What a fault is: the rows it writes, and the rows that the rules have to find for it, no more and no fewer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.gate_faults.tables import Feature, Suits, Tables, plain_features, shipped

Inject = Callable[..., None]


@dataclass(frozen=True)
class Fault:
    """One way to break the process, or to come as near to it as is allowed.

    `breaks` names for each rule the entities it has to find, written as templates over the features: `{0.define}` is
    the first feature's Define pass, `{1}/30` the second feature's review of day 30.
    """

    inject: Inject
    breaks: Mapping[str, Sequence[str]]
    suits: Suits
    feature_count: int

    @property
    def name(self) -> str:
        return self.inject.__name__

    def expected(self, features: Sequence[Feature]) -> set[tuple[str, str]]:
        """Rule and entity of every row that has to be found."""
        return {(rule, entity.format(*features)) for rule, entities in self.breaks.items() for entity in entities}


FAULTS: list[Fault] = []


def fault(
    breaks: Mapping[str, Sequence[str]], *, suits: Suits = shipped, features: int = 1
) -> Callable[[Inject], Inject]:
    """Register a function that writes a fault on as many features as it needs."""

    def register(inject: Inject) -> Inject:
        FAULTS.append(Fault(inject, breaks, suits, features))
        return inject

    return register


def near_miss(*, suits: Suits = shipped, features: int = 1) -> Callable[[Inject], Inject]:
    """Register a function that writes what looks like a fault and is none."""
    return fault({}, suits=suits, features=features)


def allot(faults: Iterable[Fault], features: Sequence[Feature]) -> dict[str, tuple[Feature, ...]]:
    """Give every fault features of its own, the most demanding fault first."""
    free = list(features)
    allotted = {}
    for each in sorted(faults, key=lambda each: (sum(map(each.suits, features)), -each.feature_count)):
        suitable = [feature for feature in free if each.suits(feature)][: each.feature_count]
        if len(suitable) < each.feature_count:
            raise LookupError(f"no feature is left for {each.name}; draw a larger company")
        allotted[each.name] = tuple(suitable)
        free = [feature for feature in free if feature not in suitable]
    return allotted


def inject(faults: Iterable[Fault], record: Tables) -> dict[str, tuple[Feature, ...]]:
    """Write every fault into the tables, and say which features carry it."""
    faults = list(faults)
    allotted = allot(faults, plain_features(record))
    for each in faults:
        each.inject(record, *allotted[each.name])
    return allotted
