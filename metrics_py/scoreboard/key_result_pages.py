"""Pages of the key results: where each stands, at what pace, where it is expected to end, and what it went through."""

from collections import Counter
from collections.abc import Iterator

from metrics_py.scoreboard import address, number, words
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.fan import Fan, Outlook
from metrics_py.scoreboard.key_result_facts import facts_of
from metrics_py.scoreboard.key_result_tables import (
    history_table,
    initiatives_table,
    key_results_table,
    links_table,
    orphans_table,
    quantity_in,
)
from metrics_py.scoreboard.key_results import KeyResults, Row
from metrics_py.scoreboard.line import sparkline
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import ROWS_SHOWN, Block, Cell, Drawing, Facts, Link, Note, Page, Section, Table
from metrics_py.scoreboard.series import Series
from metrics_py.scoreboard.tile import Mark


def key_result_pages(material: Material, results: KeyResults, drawer: Drawer) -> Iterator[Page]:
    """The list of the key results, then a page for each."""
    yield _list_page(material, results)
    for row in results.latest:
        yield _key_result_page(material, results, drawer, row)


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
            Section("links", "Do the lead measures move the outcome?", [links_table(material, results)]),
            Section("orphans", "Initiatives that lead nowhere", [orphans_table(material, results)]),
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
        Section("now", "Where it stands", [_outlook(results, drawer, row), Facts(facts_of(material, results, row))]),
        Section("person", "A person's own verdict", _override(material, row)),
        Section("initiatives", "What should move it", [initiatives_table(material, results, identifier)]),
        Section("history", "Status history", [history_table(history)]),
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
        figure=quantity_in(row, "current_value") or None,
        because=" ".join(text for text in (row["key_question"], row["recommendation"]) if text),
    )


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
    bound = "at most" if results.directions.get(identifier) == "down" else "at least"
    values, targets = [points[day] for day in days], [row["target"]] * len(days)
    series = Series(row["name"], row["unit"], bound, days, values, targets)
    newest = next(iter(results.outlooks.get(identifier, [])), None)
    outlook = None if newest is None or newest["made_on"] < row["evaluated_on"] else _as_outlook(newest)
    rows = [
        [
            Cell(words.day_text(day)),
            Cell("no value" if points[day] is None else number.quantity_text(points[day], row["unit"])),
        ]
        for day in reversed(days)
    ]
    is_drawn = any(value is not None for value in values)
    return Drawing(
        title="Readings and outlook" if outlook else "Readings",
        note=_legend(row, series, outlook) if is_drawn else "",
        pictures=[("only", _picture(drawer, row, series, outlook))] if is_drawn else [],
        table=Table("Readings", ["On", "Value"], rows[:ROWS_SHOWN], frozenset({1})),
    )


def _picture(drawer: Drawer, row: Row, series: Series, outlook: Outlook | None) -> str:
    if row["goal_type"] != "reach":
        # What is to be kept, not reached, has no way to its target and no outlook: its line is all there is to draw.
        return sparkline(series, status=Mark(row["status"]).tone, width=400, height=150)
    fan = Fan(series, row["period_start"], row["period_end"], row["baseline"], row["target"], outlook)
    return drawer.draw("fan", fan, width=400)


def _legend(row: Row, series: Series, outlook: Outlook | None) -> str:
    if row["goal_type"] != "reach":
        return "" if row["target"] is None else f"Dashed: the target, {series.bound} {quantity_in(row, 'target')}."
    fan = " The fan is the 80% interval of the forecast and, paler, the 95% one." if outlook else ""
    return f"Dashed: the straight line to the target.{fan}"


def _as_outlook(row: Row) -> Outlook:
    return Outlook(
        **{name: row[name] for name in ("made_on", "target_on", "value", "low_80", "high_80", "low_95", "high_95")}
    )
