"""Where each squad and each product manager stands on every measure."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics_py.scoreboard import number
from metrics_py.scoreboard.material import Material, UnitKey
from metrics_py.scoreboard.parts import Cell
from metrics_py.scoreboard.rows import Verdict
from metrics_py.scoreboard.tile import Mark


@dataclass(frozen=True)
class Standing:
    """One goal for one squad or person."""

    mark: Mark
    value: str | None
    reason: str
    before: str | None
    """The value of the period before, where there is none now."""


@dataclass(frozen=True)
class UnitRow:
    """A squad or a person with one cell per measure; null where it has no such goal."""

    level: str
    name: Cell
    cells: Sequence[Standing | None]


def held_by_units(material: Material, company: Sequence[Verdict]) -> Sequence[Verdict]:
    """The company's goals that squads or people hold too."""
    held = {verdict.metric_id for verdict in material.verdicts if verdict.org_level != "company"}
    return [verdict for verdict in company if verdict.metric_id in held]


def unit_rows(material: Material, company: Sequence[Verdict], squad_id: str | None = None) -> Sequence[UnitRow]:
    """The company, each squad and each person with their standing on the goals that units hold; or one squad's own."""
    goals = [verdict.goal_id for verdict in held_by_units(material, company)]

    def squad_of(key: UnitKey) -> str:
        _, squad, person = key
        known = material.people.get(person or "")
        return squad or (known.squad_id if known else None) or ""

    def name(key: UnitKey) -> Cell:
        level, squad, person = key
        return material.person(person) if level == "person" else material.squad(squad) if squad else Cell("Company")

    def place(key: UnitKey) -> tuple[bool, str, bool, str, str]:
        return (key[0] != "company", squad_of(key), key[0] == "person", name(key).text, key[2] or "")

    def row(key: UnitKey) -> UnitRow:
        by_goal = {verdict.goal_id: verdict for verdict in material.verdicts_of[key]}
        return UnitRow(key[0], name(key), [_standing(by_goal.get(goal)) for goal in goals])

    keys = [key for key in material.verdicts_of if squad_id is None or squad_of(key) == squad_id]
    return [row(key) for key in sorted(keys, key=place)]


def _standing(verdict: Verdict | None) -> Standing | None:
    if verdict is None:
        return None
    value = None if verdict.value is None else number.value_text(verdict.value, verdict.unit)
    before = None if verdict.previous_value is None else number.value_text(verdict.previous_value, verdict.unit)
    return Standing(Mark(verdict.status), value, verdict.status_reason, before=None if value else before)
