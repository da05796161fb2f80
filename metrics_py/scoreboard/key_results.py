"""Pages of the key results: where each stands, at what pace, where it is expected to end, and what it went through."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from metrics_py.scoreboard import address, listings, number, words
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.fan import Fan, Outlook
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Block, Cell, Drawing, Facts, Link, Note, Page, Section, Table
from metrics_py.scoreboard.series import Series
from metrics_py.scoreboard.tile import Mark

Row = Mapping[str, Any]

_STATUS = [
    "key_result_id",
    "objective_id",
    "name",
    "goal_type",
    "metric_id",
    "owner_id",
    "squad_id",
    "period_start",
    "period_end",
    "evaluated_on",
    "baseline",
    "target",
    "current_value",
    "current_on",
    "unit",
    "progress",
    "expected_progress",
    "expected_mode",
    "pace_per_week",
    "required_per_week",
    "best_per_week",
    "p_hit",
    "forecast_value",
    "forecast_low_80",
    "forecast_high_80",
    "status",
    "status_reason",
    "readable_on",
    "confidence",
    "n_points",
    "matured_share",
    "other_rule_pace_gap_status",
    "other_rule_ratio_band_status",
    "rules_disagree",
    "override_status",
    "override_reason",
    "override_by",
    "override_expires_on",
    "is_override_live",
    "key_question",
    "recommendation",
    "has_recovery_plan",
    "recovery_plan",
    "is_escalated",
    "is_latest",
    "org_level",
]
_FORECASTS = ["key_result_id", "made_on", "target_on", "method", "value", "low_80", "high_80", "low_95", "high_95"]
_INITIATIVES = [
    "key_result_id",
    "name",
    "owner_id",
    "feature_id",
    "launch_on",
    "planned_launch_on",
    "status",
    "effect",
    "probability",
    "evidence_grade",
    "mechanism",
    "is_orphan",
    "orphan_reason",
]
_MODES = {
    "milestones": "from its dated milestones",
    "launch_aware": "counted from the launch that should move it",
    "linear": "on a straight line",
}


def has_key_results(material: Material) -> bool:
    """Whether the snapshot holds key results at all."""
    return material.snapshot.has("key_result_status")


class KeyResults:
    """The key results of a snapshot, newest evaluation first."""

    def __init__(self, material: Material) -> None:
        self._today = material.as_of.date()
        read = material.snapshot.read
        self.objectives = dict(read("dim_key_results", ["objective_id", "objective"]).iter_rows())
        self.history = _grouped(
            read("key_result_status", _STATUS).sort("evaluated_on", descending=True, maintain_order=True).to_dicts()
        )
        forecasts = (
            read("key_result_forecasts", _FORECASTS).sort("made_on", descending=True, maintain_order=True).to_dicts()
        )
        self.outlooks = _grouped([row for row in forecasts if row["method"] == "mixture"])
        self.initiatives = _grouped(read("initiative_links", _INITIATIVES).to_dicts())
        self.learnings = _grouped(
            read("learnings", ["key_result_id", "period", "learned", "evidence", "written_by"]).to_dicts()
        )
        self.links = read(
            "goal_links",
            [
                "goal_id",
                "leads_to_goal_id",
                "mechanism",
                "lag_quarters",
                "evidence_grade",
                "n_quarters",
                "supports",
                "verdict",
            ],
        ).to_dicts()

    @property
    def running(self) -> list[Row]:
        """Those whose period is not over."""
        return [row for row in self.latest if row["period_end"] > self._today]

    @cached_property
    def latest(self) -> list[Row]:
        """The newest evaluation of each key result, those that run first, the worst of them on top."""
        order = [*words.KEY_RESULT_WORDS, *words.STATUS_WORDS]
        rows = [rows[0] for rows in self.history.values()]
        return sorted(
            rows, key=lambda row: (-row["period_end"].toordinal(), order.index(row["status"]), row["key_result_id"])
        )


def key_result_pages(material: Material, results: KeyResults, drawer: Drawer) -> Iterator[Page]:
    """The list of the key results, then a page for each."""
    yield _list_page(material, results)
    for row in results.latest:
        yield _key_result_page(material, results, drawer, row)


def key_results_table(material: Material, rows: Sequence[Row], caption: str, *, names_people: bool = True) -> Table:
    """Key results with where they stand; the worst first."""
    cells = [
        [
            Cell(row["name"], address.key_result_page(row["key_result_id"])),
            _status(row),
            Cell(_quantity(row, "current_value") or "no reading", note=_day(row["current_on"])),
            Cell(_quantity(row, "target")),
            Cell(
                _percent(row["progress"]),
                note=f"expected {_percent(row['expected_progress'])}" if row["expected_progress"] is not None else None,
            ),
            Cell(_percent(row["p_hit"])),
            *([material.person(row["owner_id"])] if names_people else []),
        ]
        for row in rows
    ]
    columns = ["Key result", "Status", "Now", "Target", "Progress", "P(hit)", *(["Owner"] if names_people else [])]
    return Table(caption, columns, cells, frozenset({2, 3, 4, 5}), empty="No key result.")


def _list_page(material: Material, results: KeyResults) -> Page:
    running = results.running
    sections = [
        Section(level, title, [key_results_table(material, rows, f"Running key results: {title.lower()}")])
        for level, title in (("company", "Company"), ("squad", "Squads"), ("person", "Product managers"))
        if (rows := [row for row in running if row["org_level"] == level])
    ]
    closed = [row for row in results.latest if row not in running]
    counts = Counter(row["status"] for row in running)
    order = [*words.KEY_RESULT_WORDS, *words.STATUS_WORDS]
    told = ", ".join(f"{counts[status]} {Mark(status).word.lower()}" for status in order if counts[status])
    return Page(
        address=address.KEY_RESULTS_PAGE,
        kind="Key results",
        title="Key results",
        trail=[Link("Board", address.COMPANY_PAGE)],
        heading="Key results",
        lead=f"{number.count_text(len(running), 'key result')} running: {told}." if running else "None is running.",
        sections=[
            *sections,
            Section("links", "Do the lead measures move the outcome?", [_links_table(material, results)]),
            Section("orphans", "Initiatives that lead nowhere", [_orphans_table(material, results)]),
            Section("closed", "Closed", [key_results_table(material, closed, "Closed key results")]),
        ],
    )


def _key_result_page(material: Material, results: KeyResults, drawer: Drawer, row: Row) -> Page:
    identifier = row["key_result_id"]
    history = results.history[identifier]
    learnings = [
        [
            Cell(entry["learned"]),
            Cell(entry["period"]),
            Cell(entry["evidence"] or ""),
            material.person(entry["written_by"]),
        ]
        for entry in results.learnings.get(identifier, [])
    ]
    sections = [
        Section("now", "Where it stands", [_outlook(results, drawer, row), Facts(_facts(material, results, row))]),
        Section("person", "A person's own verdict", _override(material, row)),
        Section("initiatives", "What should move it", [_initiatives_table(material, results, identifier)]),
        Section("history", "Status history", [_history_table(history)]),
        Section(
            "learnings",
            "What was learned",
            [Table("Learnings", ["Learned", "Period", "Evidence", "Who"], learnings)] if learnings else [],
        ),
    ]
    return Page(
        address=address.key_result_page(identifier),
        kind="Key result",
        title=row["name"],
        trail=[Link("Board", address.COMPANY_PAGE), Link("Key results", address.KEY_RESULTS_PAGE)],
        heading=row["name"],
        lead=row["status_reason"],
        sections=[section for section in sections if section.blocks],
        mark=Mark(row["status"]),
        figure=_quantity(row, "current_value") or None,
        because=" ".join(text for text in (row["key_question"], row["recommendation"]) if text),
    )


def _facts(material: Material, results: KeyResults, row: Row) -> list[tuple[str, Cell]]:
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
        ("Progress", Cell(_percent(row["progress"]) or "not known", note=_expectation(row))),
        ("Chance to hit", Cell(_percent(row["p_hit"]) or "cannot be estimated yet", note=_expected_end(row))),
        ("Pace per week", Cell(_amount(row, "pace_per_week") or "not known", note=_pace(row))),
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


def _override(material: Material, row: Row) -> list[Block]:
    if not row["override_status"]:
        return []
    live = "in force" if row["is_override_live"] else "no longer in force"
    until = f", until {words.day_text(row['override_expires_on'])}" if row["override_expires_on"] else ""
    who = material.person(row["override_by"]).text
    return [Note(f"{who} says {Mark(row['override_status']).word.lower()}: {row['override_reason']} ({live}{until}).")]


def _outlook(results: KeyResults, drawer: Drawer, row: Row) -> Block:
    identifier = row["key_result_id"]
    points = {
        entry["current_on"]: entry["current_value"] for entry in results.history[identifier] if entry["current_on"]
    }
    days = sorted(points)
    series = Series(row["name"], row["unit"], "", days, [points[day] for day in days], [None] * len(days))
    newest = next(iter(results.outlooks.get(identifier, [])), None)
    outlook = None if newest is None or newest["made_on"] < row["evaluated_on"] else _as_outlook(newest)
    rows = [
        [
            Cell(words.day_text(day)),
            Cell("no value" if points[day] is None else number.quantity_text(points[day], row["unit"])),
        ]
        for day in reversed(days)
    ]
    fan = Fan(series, row["period_start"], row["period_end"], row["baseline"], row["target"], outlook)
    is_drawn = row["goal_type"] == "reach" and any(value is not None for value in series.values)
    return Drawing(
        title="Readings and outlook" if outlook else "Readings",
        note="Dashed: what is asked. The fan is the 80% and, paler, the 95% interval of the forecast."
        if is_drawn
        else "",
        pictures=[("only", drawer.draw("fan", fan, width=400))] if is_drawn else [],
        table=Table("Readings", ["On", "Value"], rows[:ROWS_SHOWN], frozenset({1})),
    )


def _legend(*, is_drawn: bool, has_outlook: bool) -> str:
    if not is_drawn:
        return ""
    fan = " The fan is the 80% interval of the forecast and, paler, the 95% one." if has_outlook else ""
    return f"Dashed: the straight line to the target.{fan}"


def _as_outlook(row: Row) -> Outlook:
    return Outlook(
        **{name: row[name] for name in ("made_on", "target_on", "value", "low_80", "high_80", "low_95", "high_95")}
    )


def _history_table(history: Sequence[Row]) -> Table:
    rows = [
        [
            Cell(words.day_text(row["evaluated_on"])),
            _status(row),
            Cell(_quantity(row, "current_value") or "no reading"),
            Cell(_percent(row["progress"])),
            Cell(_percent(row["expected_progress"])),
            Cell(_percent(row["p_hit"])),
            Cell(row["status_reason"]),
        ]
        for row in history[:ROWS_SHOWN]
    ]
    columns = ["Evaluated on", "Status", "Value", "Progress", "Expected", "P(hit)", "Why"]
    return Table("Status history, newest first", columns, rows, frozenset({2, 3, 4, 5}))


def _initiatives_table(material: Material, results: KeyResults, identifier: str) -> Table:
    rows = [
        [
            Cell(row["name"]),
            Cell(listings.plain(row["status"]), note=_day(row["launch_on"] or row["planned_launch_on"])),
            Cell("" if row["effect"] is None else f"{row['effect']:+.3g}"),
            Cell(_percent(row["probability"])),
            Cell(
                row["mechanism"] or "nobody said", note=row["evidence_grade"] and f"evidence: {row['evidence_grade']}"
            ),
            material.person(row["owner_id"]),
        ]
        for row in results.initiatives.get(identifier, [])
    ]
    columns = ["Initiative", "State", "Expected effect", "Probability", "How it should work", "Who"]
    return Table("Initiatives", columns, rows, frozenset({2, 3}), empty="No initiative is meant to move it.")


def _orphans_table(material: Material, results: KeyResults) -> Table:
    rows = [
        [Cell(row["name"]), Cell(listings.plain(row["orphan_reason"])), material.person(row["owner_id"])]
        for rows in results.initiatives.values()
        for row in rows
        if row["is_orphan"]
    ]
    empty = "Every initiative leads to a goal."
    return Table("Initiatives without a goal", ["Initiative", "Why", "Who"], rows, empty=empty)


def _links_table(material: Material, results: KeyResults) -> Table:
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


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["key_result_id"]].append(row)
    return found


def _status(row: Row) -> Cell:
    mark = Mark(row["status"])
    if row["is_override_live"]:
        return Cell(mark.word, mark=mark, note=f"{Mark(row['override_status']).word.lower()} by hand")
    return Cell(mark.word, mark=mark)


def _quantity(row: Row, column: str) -> str:
    return "" if row[column] is None else number.quantity_text(row[column], row["unit"])


def _amount(row: Row, column: str) -> str:
    if row[column] is None:
        return ""
    return number.distance_text(row[column], row["unit"]) if row["unit"] in number.UNITS else f"{row[column]:+.3g}"


def _percent(share: float | None) -> str:
    return "" if share is None else number.value_text(share, "share")


def _day(day: Any) -> str | None:
    return None if day is None else words.day_text(day)


def _span(row: Row) -> str:
    target = _quantity(row, "target") or "no target"
    return f"{_quantity(row, 'baseline')} to {target}" if row["baseline"] is not None else f"stay at {target}"


def _expectation(row: Row) -> str | None:
    if row["expected_progress"] is None:
        return None
    mode = _MODES.get(row["expected_mode"] or "", "")
    return f"expected by now {_percent(row['expected_progress'])}" + (f", {mode}" if mode else "")


def _expected_end(row: Row) -> str | None:
    if row["forecast_value"] is None:
        return None
    low, high = _quantity(row, "forecast_low_80"), _quantity(row, "forecast_high_80")
    return f"expected end {_quantity(row, 'forecast_value')}" + (f", 80% {low} to {high}" if low and high else "")


def _pace(row: Row) -> str | None:
    parts = [(name, _amount(row, f"{name}_per_week")) for name in ("required", "best")]
    return ", ".join(f"{name} {text}" for name, text in parts if text) or None


def _points(row: Row) -> str:
    matured = "" if row["matured_share"] is None else f", {_percent(row['matured_share'])} matured"
    return f"{number.count_text(row['n_points'] or 0, 'reading')}{matured}"
