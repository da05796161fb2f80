"""What is known of a key result today, as terms and what they are."""

from metrics_py.scoreboard import address, number, words
from metrics_py.scoreboard.key_result_tables import amount_in, percent_text, quantity_in
from metrics_py.scoreboard.key_results import KeyResults, Row
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Cell
from metrics_py.scoreboard.tile import Mark

_MODES = {
    "milestones": "from its dated milestones",
    "launch_aware": "counted from the launch that should move it",
    "linear": "on a straight line",
}


def facts_of(material: Material, results: KeyResults, row: Row) -> list[tuple[str, Cell]]:
    """Each of them as a term and what it is, with what it is held against as a note."""
    facts = [
        ("Objective", Cell(results.objectives.get(row["objective_id"]) or row["objective_id"])),
        ("Owner", material.person(row["owner_id"])),
        (
            "From and to",
            Cell(
                _span(row),
                note=f"{words.day_text(row['period_start'])} to the day before {words.day_text(row['period_end'])}",
            ),
        ),
        *(_way(row) if row["goal_type"] == "reach" else [("Target held", Cell(_held(row)))]),
        ("Confidence", Cell(row["confidence"] or "not known", note=_points(row))),
    ]
    if row["squad_id"]:
        facts.insert(1, ("Squad", material.squad(row["squad_id"])))
    if row["metric_id"]:
        facts.insert(0, ("Metric", Cell(row["metric_id"].upper(), address.metric_page(row["metric_id"]))))
    if row["readable_on"]:
        facts.append(("Readable from", Cell(words.day_text(row["readable_on"]))))
    others = [
        f"{name}: {Mark(row[column]).word.lower()}"
        for name, column in (
            ("pace gap", "other_rule_pace_gap_status"),
            ("ratio bands", "other_rule_ratio_band_status"),
        )
        if row[column]
    ]
    if others:
        told = "disagree with the status" if row["rules_disagree"] else "agree with the status"
        facts.append(("Other rules", Cell(", ".join(others), note=told)))
    if row["status"] in ("off_track", "missed"):
        plan = row["recovery_plan"] if row["has_recovery_plan"] else "none written"
        facts.append(("Recovery plan", Cell(plan, note="escalated" if row["is_escalated"] else None)))
    return facts


def _way(row: Row) -> list[tuple[str, Cell]]:
    return [
        ("Progress", Cell(percent_text(row["progress"]) or "not known", note=_expectation(row))),
        ("Chance to hit", Cell(percent_text(row["p_hit"]) or "cannot be estimated yet", note=_expected_end(row))),
        ("Pace per week", Cell(amount_in(row, "pace_per_week") or "not known", note=_pace(row))),
    ]


def _held(row: Row) -> str:
    if not row["readings_judged"]:
        return "no reading could be judged yet"
    return f"at {row['readings_held']:,} of {number.count_text(row['readings_judged'], 'reading')}"


def _span(row: Row) -> str:
    target = quantity_in(row, "target") or "no target"
    return f"{quantity_in(row, 'baseline')} to {target}" if row["baseline"] is not None else f"stay at {target}"


def _expectation(row: Row) -> str | None:
    if row["expected_progress"] is None:
        return None
    mode = _MODES.get(row["expected_mode"] or "", "")
    return f"expected by now {percent_text(row['expected_progress'])}" + (f", {mode}" if mode else "")


def _expected_end(row: Row) -> str | None:
    if row["forecast_value"] is None:
        return None
    low, high = quantity_in(row, "forecast_low_80"), quantity_in(row, "forecast_high_80")
    return f"expected end {quantity_in(row, 'forecast_value')}" + (f", 80% {low} to {high}" if low and high else "")


def _pace(row: Row) -> str | None:
    parts = [(name, amount_in(row, f"{name}_per_week")) for name in ("required", "best")]
    return ", ".join(f"{name} {text}" for name, text in parts if text) or None


def _points(row: Row) -> str:
    matured = "" if row["matured_share"] is None else f", {percent_text(row['matured_share'])} matured"
    return f"{number.count_text(row['n_points'] or 0, 'reading')}{matured}"
