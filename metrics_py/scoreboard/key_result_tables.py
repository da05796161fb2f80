"""Tables of key results, and their figures as texts."""

from collections.abc import Sequence
from typing import Any

from metrics_py.scoreboard import address, listings, number, words
from metrics_py.scoreboard.key_results import KeyResults, Row
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Cell, Table
from metrics_py.scoreboard.tile import Mark


def key_results_table(material: Material, rows: Sequence[Row], caption: str, *, names_people: bool = True) -> Table:
    """Key results with where they stand; the worst first."""
    cells = [
        [
            Cell(row["name"], address.key_result_page(row["key_result_id"])),
            status_cell(row),
            Cell(quantity_in(row, "current_value") or "no reading", note=day_text(row["current_on"])),
            Cell(quantity_in(row, "target")),
            Cell(
                percent_text(row["progress"]),
                note=f"expected {percent_text(row['expected_progress'])}"
                if row["expected_progress"] is not None
                else None,
            ),
            Cell(percent_text(row["p_hit"])),
            *([material.person(row["owner_id"])] if names_people else []),
        ]
        for row in rows
    ]
    columns = ["Key result", "Status", "Now", "Target", "Progress", "P(hit)", *(["Owner"] if names_people else [])]
    return Table(caption, columns, cells, frozenset({2, 3, 4, 5}), empty="No key result.")


def history_table(history: Sequence[Row]) -> Table:
    """What it went through, newest first."""
    rows = [
        [
            Cell(words.day_text(row["evaluated_on"])),
            status_cell(row),
            Cell(quantity_in(row, "current_value") or "no reading"),
            Cell(percent_text(row["progress"])),
            Cell(percent_text(row["expected_progress"])),
            Cell(percent_text(row["p_hit"])),
            Cell(row["status_reason"]),
        ]
        for row in history[:ROWS_SHOWN]
    ]
    columns = ["Evaluated on", "Status", "Value", "Progress", "Expected", "P(hit)", "Why"]
    return Table("Status history, newest first", columns, rows, frozenset({2, 3, 4, 5}))


def initiatives_table(material: Material, results: KeyResults, identifier: str) -> Table:
    """What is meant to move it."""
    unit = results.history[identifier][0]["unit"]
    rows = [
        [
            Cell(row["name"]),
            Cell(listings.plain(row["status"]), note=day_text(row["launch_on"] or row["planned_launch_on"])),
            Cell(_effect(row["effect"], unit)),
            Cell(percent_text(row["probability"])),
            Cell(
                row["mechanism"] or "nobody said", note=row["evidence_grade"] and f"evidence: {row['evidence_grade']}"
            ),
            material.person(row["owner_id"]),
        ]
        for row in results.initiatives.get(identifier, [])
    ]
    columns = ["Initiative", "State", "Expected effect", "Probability", "How it should work", "Who"]
    return Table("Initiatives", columns, rows, frozenset({2, 3}), empty="No initiative is meant to move it.")


def _effect(effect: float | None, unit: str) -> str:
    if effect is None:
        return ""
    sign = "+" if effect >= 0 else "\u2212"
    size = number.distance_text(effect, unit) if unit in number.UNITS else f"{abs(effect):.3g}\u00a0{unit}"
    return sign + size


def orphans_table(material: Material, results: KeyResults) -> Table:
    """Initiatives that lead to no goal."""
    rows = [
        [Cell(row["name"]), Cell(listings.plain(row["orphan_reason"])), material.person(row["owner_id"])]
        for rows in results.initiatives.values()
        for row in rows
        if row["is_orphan"]
    ]
    empty = "Every initiative leads to a goal."
    return Table("Initiatives without a goal", ["Initiative", "Why", "Who"], rows, empty=empty)


def links_table(material: Material, results: KeyResults) -> Table:
    """Whether the lead measures have moved the outcome so far."""

    def goal(goal_id: str) -> str:
        known = material.goals.get(goal_id)
        return known.metric_id.upper() if known else goal_id

    rows = [
        [
            Cell(f"{goal(row['goal_id'])} to {goal(row['leads_to_goal_id'])}"),
            Cell(listings.plain(row["verdict"]).capitalize(), note=f"evidence: {row['evidence_grade']}"),
            Cell(f"{row['supports']:,} of {row['n_quarters']:,}"),
            Cell(number.count_text(row["lag_quarters"], "quarter")),
            Cell(row["mechanism"] or "nobody said"),
        ]
        for row in results.links
    ]
    columns = ["Link", "Verdict", "Quarters that support it", "Lag", "How it should work"]
    return Table(
        "Links from lead measures to outcomes", columns, rows, frozenset({2}), empty="No link is written down."
    )


def quantity_in(row: Row, column: str) -> str:
    """A value of a key result in its unit; nothing where there is none."""
    return "" if row[column] is None else number.quantity_text(row[column], row["unit"])


def amount_in(row: Row, column: str) -> str:
    """The size of a change of a key result, without its sign in the units that metrics have."""
    if row[column] is None:
        return ""
    return number.distance_text(row[column], row["unit"]) if row["unit"] in number.UNITS else f"{row[column]:+.3g}"


def percent_text(share: float | None) -> str:
    """A share in percent; nothing where there is none."""
    return "" if share is None else number.value_text(share, "share")


def day_text(day: Any) -> str | None:
    """A date in words; null where there is none."""
    return None if day is None else words.day_text(day)


def status_cell(row: Row) -> Cell:
    """Its status, and a person's own verdict where one is in force."""
    mark = Mark(row["status"])
    if row["is_override_live"]:
        return Cell(mark.word, mark=mark, note=f"{Mark(row['override_status']).word.lower()} by hand")
    return Cell(mark.word, mark=mark)
