"""What belongs to each squad and product manager, sorted out once for all their pages."""

from collections import defaultdict
from collections.abc import Mapping

from metrics_py.scoreboard.key_results import KeyResults, Row
from metrics_py.scoreboard.material import Feature, Material, UnitKey
from metrics_py.scoreboard.rows import Ageing, Violation


class Piles:
    """Rows of the long tables by squad and by person, so that no page looks through all of them."""

    def __init__(self, material: Material, results: KeyResults | None) -> None:
        self.key_results: Mapping[UnitKey, list[Row]] = defaultdict(list)
        for row in results.running if results else []:
            is_person = row["org_level"] == "person"
            unit: UnitKey = (
                row["org_level"],
                None if is_person else row["squad_id"],
                row["owner_id"] if is_person else None,
            )
            self.key_results[unit].append(row)
        self.violations: Mapping[UnitKey, list[Violation]] = defaultdict(list)
        self.ageing: Mapping[UnitKey, list[Ageing]] = defaultdict(list)
        self.owned: Mapping[UnitKey, list[Feature]] = defaultdict(list)
        self.shipped: Mapping[UnitKey, list[Feature]] = defaultdict(list)
        for violation in material.violations:
            for key in _keys(violation.squad_id, violation.person_id):
                self.violations[key].append(violation)
        for insight in material.ageing:
            for key in _keys(insight.squad_id, insight.person_id):
                self.ageing[key].append(insight)
        for feature in material.features:
            for key in _keys(feature.squad_id, feature.person_id):
                self.owned[key].append(feature)
            for key in _keys(feature.ship_squad_id, feature.ship_person_id):
                self.shipped[key].append(feature)
        frame = material.snapshot.read("wip_by_day", ["squad_id", "day", "in_progress_count", "wip_limit"])
        newest = (
            frame.sort("day", maintain_order=True)
            .unique("squad_id", keep="last", maintain_order=True)
            .drop_nulls("squad_id")
        )
        self.work: Mapping[str, tuple[int, int | None]] = {
            squad: (count, limit) for squad, _, count, limit in newest.iter_rows()
        }


def _keys(squad_id: str | None, person_id: str | None) -> list[UnitKey]:
    keys: list[UnitKey] = []
    if squad_id:
        keys.append(("squad", squad_id, None))
    if person_id:
        keys.append(("person", None, person_id))
    return keys
