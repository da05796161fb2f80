"""The roadmap: which features each squad plans, launches, stalls or drops, and the odd lives some of them lead."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from metrics_py.sample.calendar import AS_OF, AS_OF_ON, FIRST_EXTRACT, midnight
from metrics_py.sample.organisation import Squad, squads, stream
from metrics_py.sample.world.lifecycle import Feature, Launch, Owner, Plan, days, moment

FIRST_LAUNCH_DAY = date(2024, 7, 9)
LAST_PLANNED_LAUNCH_DAY = date(2026, 3, 10)
STALLED_IN_ONE_SQUAD = 7


def draw_features(seed: int, chunk: int, units: int, teams: range, *, clean: bool) -> list[Feature]:
    """Every feature of some units of scale, which the teams take in turn: features squad by squad, then subfeatures."""
    random = stream(seed, chunk, "features")
    features: list[Feature] = []
    for unit in range(units):
        team = squads(teams[unit % len(teams)], 1)
        of_unit = [feature for squad in team for feature in _of_squad(random, squad, clean=clean)]
        _assign_signals(random, of_unit)
        _assign_quirks(random, of_unit)
        features += of_unit
    for number, feature in enumerate(features):
        feature.feature_id = f"f{chunk:03d}-{number:05d}"
        feature.name = f"{_SUBJECTS[number % len(_SUBJECTS)]} {_VERBS[number // len(_SUBJECTS) % len(_VERBS)]}"
        _act(random, feature)
    subfeatures = list(_subfeatures(features, chunk))
    return features + subfeatures


_SUBJECTS = ("Route", "Load", "Invoice", "Driver", "Carrier", "Dock", "Fuel", "Detention", "Settlement", "Rate", "Yard")
_VERBS = ("planner", "alerts", "matching", "reports", "import", "timeline", "approvals", "scorecard", "search")


def _of_squad(random: np.random.Generator, squad: Squad, *, clean: bool) -> Iterator[Feature]:
    launch_day = FIRST_LAUNCH_DAY + days(random, 0, 24)
    turn = int(random.integers(3))
    while launch_day <= LAST_PLANNED_LAUNCH_DAY:
        # Nothing launches within two days of as_of or of a maturity border, so that no number hangs on a tie.
        while any(abs((AS_OF_ON - launch_day).days - border) <= 1 for border in _BORDERS):
            launch_day += timedelta(days=1)
        fate = "shipped" if launch_day <= AS_OF_ON else "ahead"
        yield _feature(random, squad, fate, _plan_back(random, launch_day), turn)
        turn += 1
        launch_day += days(random, 34, 44)
    if squad.place < 3:
        legacy_launch = date(2024, 4, 20) + days(random, 0, 40)
        yield _feature(random, squad, "legacy", _plan_back(random, legacy_launch), turn)
        yield _feature(random, squad, "stopped", Plan(idea=date(2024, 9, 2) + days(random, 0, 300)), turn + 1)
    else:
        yield _feature(random, squad, "wont_do", Plan(idea=date(2024, 10, 1) + days(random, 0, 60)), turn + 1)
        for number in range(STALLED_IN_ONE_SQUAD):
            plan = _plan_back(random, date(2025, 8, 1) + days(random, 0, 60))
            stalled = Plan(
                idea=plan.idea, discover=plan.discover, define=None if clean else plan.define, fast=plan.fast
            )
            yield _feature(random, squad, "stalled", stalled, turn + number)


_BORDERS = (0, 14, 24, 30, 40, 60, 70, 90, 100)


def _plan_back(random: np.random.Generator, launch: date) -> Plan:
    fast = bool(random.random() < 0.35)
    short, long = ((4, 8), (4, 8)) if fast else ((8, 21), (7, 24))
    deliver = launch - days(random, 1, 3)
    develop = deliver - days(random, *short)
    define = develop - days(random, *short)
    discover = define - days(random, *long)
    idea = discover - days(random, 4, 12)
    return Plan(idea, discover, define, develop, deliver, launch, fast)


def _feature(random: np.random.Generator, squad: Squad, fate: str, plan: Plan, turn: int) -> Feature:
    created_on = plan.idea - days(random, 10, 70)
    if plan.launch is None and fate != "stalled":
        created_on = plan.idea
    owner = Owner(squad.people[turn % 3], squad.squad_id, created_on)
    return Feature("", "", squad, fate, plan, moment(random, created_on), [owner])


def _assign_signals(random: np.random.Generator, features: list[Feature]) -> None:
    """Which vendor shows a launch: most have a portal log and a release row, some lack one or both."""
    launching = [f for f in features if f.fate in ("shipped", "ahead")]
    for position, index in enumerate(random.permutation(len(launching))):
        feature = launching[index]
        share = position / len(launching)
        feature.has_log = not (share < 0.2)
        feature.has_release = not (share < 0.1 or share >= 0.88)
    for feature in features:
        if feature.fate == "legacy":
            feature.has_log = feature.has_release = False
        if not feature.has_log and feature.fate != "legacy":
            # Without a log the status list is the card, and a status of its own starts the Idea stage.
            feature.created_at = moment(random, feature.plan.idea, 8, 9)
            feature.owners = [Owner(feature.owners[0].person, feature.squad.squad_id, feature.plan.idea)]
            feature.status_webhooks = bool(random.random() < 0.5)


def _assign_quirks(random: np.random.Generator, features: list[Feature]) -> None:
    """Give the odd lives of the contract (withdrawn, relaunched, re-opened, jumped) to a few launched features."""
    for feature in features:
        if feature.fate == "stopped":
            feature.quirk = "unknown_status"
    settled = [
        f for f in features if f.fate == "shipped" and f.plan.launch and f.plan.launch < AS_OF_ON - timedelta(days=75)
    ]
    wanted = {
        "withdrawn_then_relaunched": [f for f in settled if f.has_log],
        "withdrawn_for_good": [f for f in settled if f.has_log and not f.has_release],
        "withdrawn_on_day_14": [f for f in settled if f.has_release and f.has_log],
        "withdrawn_late": [f for f in settled if f.has_log],
        "status_withdrawn_then_relaunched": [f for f in settled if not f.has_log and not f.has_release],
        "jumped_a": [f for f in settled if f.has_log],
        "jumped_b": [f for f in settled if f.has_log and not f.has_release],
        "jumped_c": [f for f in settled if f.has_log],
        "reopened_a": [f for f in settled if f.has_log and not f.plan.fast],
        "reopened_b": [f for f in settled if not f.plan.fast],
        "second_portal_a": [f for f in settled if f.has_log and f.has_release],
        "second_portal_b": [f for f in settled if f.has_log and f.has_release],
    }
    for quirk, candidates in wanted.items():
        free = [f for f in candidates if f.quirk == "none"]
        if free:
            chosen = free[int(random.integers(len(free)))]
            chosen.quirk = quirk.removesuffix("_a").removesuffix("_b").removesuffix("_c")


def _act(random: np.random.Generator, feature: Feature) -> None:
    """Turn the plan into instants: statuses, card moves, launches, owners."""
    plan = feature.plan
    status: list[tuple[datetime, str]] = [(feature.created_at, "st-idea")]
    card: list[tuple[datetime, str]] = []
    idea_at = moment(random, plan.idea, 9, 12)
    card.append((idea_at, "idea"))
    status.append((idea_at + timedelta(minutes=4), "st-discovery"))
    if plan.define is not None:
        planned_at = moment(random, plan.define, 13, 16) + days(random, 0, 1)
        if feature.quirk != "jumped":
            card.append((planned_at, "planned"))
        status.append((planned_at + timedelta(minutes=5), "st-planned"))
        if feature.quirk == "reopened":
            again = planned_at + timedelta(days=3)
            card += [(again, "idea"), (again + timedelta(days=2), "planned")]
            status += [(again + timedelta(minutes=1), "st-discovery"), (again + timedelta(days=2), "st-planned")]
    if plan.develop is not None:
        status.append((moment(random, plan.develop, 16, 17), "st-progress"))
    if plan.launch is not None:
        launched_at = moment(random, plan.launch, 10, 16)
        feature.launches = _launches(random, feature, launched_at)
        for launch in feature.launches:
            # Where a release row dates the launch, somebody moves the card a little before or after.
            shift = timedelta(minutes=int(random.integers(-90, 600))) if feature.has_release else timedelta(0)
            card.append((launch.launched_at + shift, "launched"))
            status.append(
                (launch.launched_at + (shift + timedelta(minutes=3) if feature.has_log else shift), "st-launched")
            )
            if launch.withdrawn_at is not None:
                card.append((launch.withdrawn_at, "planned"))
                status.append((launch.withdrawn_at, "st-progress"))
        if random.random() < 0.3 and not plan.fast:
            feature.beta_at = moment(random, plan.launch - timedelta(days=9))
    if feature.fate == "wont_do":
        dropped = moment(random, date(2025, 9, 8) + days(random, 0, 30))
        card.append((dropped, "other"))
        status.append((dropped + timedelta(minutes=2), "st-wontdo"))
    if feature.quirk == "unknown_status":
        status.append((moment(random, plan.idea + timedelta(days=60)), "st-parked"))
    feature.statuses = sorted(status)
    feature.cards = sorted(card) if feature.has_log else []
    _change_owner(random, feature)


def _launches(random: np.random.Generator, feature: Feature, launched_at: datetime) -> list[Launch]:
    def later(count: int) -> datetime:
        return launched_at + timedelta(days=count, minutes=int(random.integers(-100, 100)))

    match feature.quirk:
        case "withdrawn_then_relaunched" | "status_withdrawn_then_relaunched":
            return [Launch(launched_at, later(9)), Launch(later(27))]
        case "withdrawn_for_good":
            return [Launch(launched_at, later(6))]
        case "withdrawn_on_day_14":
            return [Launch(launched_at, later(14))]
        case "withdrawn_late":
            return [Launch(launched_at, later(24)), Launch(later(45))]
        case _:
            return [Launch(launched_at)]


def _change_owner(random: np.random.Generator, feature: Feature) -> None:
    """One feature in five changes hands once, two days or more away from its gates and launches."""
    if feature.plan.launch is None or random.random() > 0.2:
        return
    plan = feature.plan
    gates = [day for day in (plan.idea, plan.discover, plan.define, plan.develop, plan.deliver, plan.launch) if day]
    day = plan.idea + days(random, 3, (feature.plan.launch - plan.idea).days + 40)
    if any(abs((day - gate).days) < 2 for gate in gates) or midnight(day) >= AS_OF - timedelta(days=3):
        return
    if any(abs((midnight(day) - launch.launched_at).days) < 3 for launch in feature.launches):
        return
    others = [person for person in feature.squad.people if person != feature.owners[0].person]
    feature.owners.append(Owner(others[int(random.integers(2))], feature.squad.squad_id, day))


def _subfeatures(features: list[Feature], chunk: int) -> Iterator[Feature]:
    """About one feature in twelve has a subfeature; every other one of those has no card of its own."""
    parents = [f for f in features if f.fate == "shipped" and f.has_log and f.quirk == "none"]
    for number, parent in enumerate(parents[::8]):
        created = max(parent.created_at, FIRST_EXTRACT - timedelta(days=40)) + timedelta(days=3)
        part = Feature(
            f"s{chunk:03d}-{number:05d}",
            f"{parent.name}, part {number + 1}",
            parent.squad,
            "subfeature",
            parent.plan,
            min(created, midnight(parent.plan.idea) + timedelta(hours=9)),
            parent.owners,
            parent_id=parent.feature_id,
            has_release=False,
        )
        if number % 2 == 0:
            launched_at = parent.launches[0].launched_at + timedelta(days=8, minutes=7)
            part.cards = [(at + timedelta(days=1), move) for at, move in parent.cards if move != "launched"]
            part.cards.append((launched_at, "launched"))
            part.statuses = [(part.created_at, "st-idea"), (launched_at + timedelta(minutes=3), "st-launched")]
            part.launches = [Launch(launched_at)]
        yield part
