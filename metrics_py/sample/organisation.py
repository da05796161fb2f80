"""The fixed parts of the sample company: squads, product managers, tags and statuses."""

from dataclasses import dataclass

import numpy as np

SQUADS: dict[str, tuple[str, str, str]] = {
    "dispatch": ("ana.silva", "ben.okafor", "chloe.tran"),
    "driver-app": ("diego.ramos", "emma.lindqvist", "farid.haddad"),
    "integrations": ("grace.kim", "henrik.vogel", "ines.moreau"),
    "billing": ("jonas.berg", "keiko.sato", "liam.murphy"),
}
"""Squads of one unit of scale, each with its product managers."""

PAIN_TAGS = (
    "pain",
    "Pain",
    "pain point",
    "PAIN-POINT",
    "Frustration",
    "NPS Detractor",
    "detractor",
    "dolor",
    "DOLOR",
    "Páin",
)
OTHER_TAGS = ("idea", "Praise", "question")
UNKNOWN_TAGS = ("q3-offsite", "Überprüfen")
TAGS = PAIN_TAGS + OTHER_TAGS + UNKNOWN_TAGS

STATUS_NAMES = {
    "st-idea": "New idea",
    "st-discovery": "Discovery",
    "st-planned": "Planned",
    "st-progress": "In progress",
    "st-launched": "Launched",
    "st-wontdo": "Won't do",
    "st-parked": "Parking lot",
}
"""Statuses of a feature; `st-parked` is one nobody mapped to a stage."""

STAGE_OF_STATUS = {
    "st-idea": "idea",
    "st-discovery": "idea",
    "st-planned": "planned",
    "st-progress": "planned",
    "st-launched": "launched",
    "st-wontdo": "wont_do",
}
STAGE_RANK = {"idea": 1, "planned": 2, "launched": 3}
PORTAL = "roadmap"


@dataclass(frozen=True)
class Squad:
    """A squad of one unit of scale, with the e-mail addresses of its product managers."""

    squad_id: str
    people: tuple[str, ...]
    place: int
    """Position in the unit, 0 to 3: what kind of squad it is (0 the strongest, 3 the weakest)."""


def squads(first_unit: int, units: int) -> list[Squad]:
    """The squads of some units of scale; unit 0 has the plain names, unit n the suffix n + 1.

    Examples:
        >>> squads(1, 1)[0].people[0]
        'ana.silva.2@cxt.example'
    """
    result = []
    for unit in range(first_unit, first_unit + units):
        suffix, person_suffix = ("", "") if unit == 0 else (f"-{unit + 1}", f".{unit + 1}")
        for place, (name, people) in enumerate(SQUADS.items()):
            addresses = tuple(f"{person}{person_suffix}@cxt.example" for person in people)
            result.append(Squad(f"{name}{suffix}", addresses, place))
    return result


def stream(seed: int, chunk: int, name: str) -> np.random.Generator:
    """Random numbers of one table: they depend on seed, chunk and name only, not on what was drawn before.

    Examples:
        >>> bool(stream(1, 0, "notes").random() == stream(1, 0, "notes").random())
        True
    """
    return np.random.default_rng([seed, chunk, *name.encode()])
