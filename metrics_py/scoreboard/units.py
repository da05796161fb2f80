"""Pages of squads and of product managers: their own goals, and what waits for them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from metrics_py.scoreboard import address, listings, number, words
from metrics_py.scoreboard.board import biggest_reason, tally
from metrics_py.scoreboard.key_result_tables import key_results_table
from metrics_py.scoreboard.key_results import KeyResults, Row
from metrics_py.scoreboard.material import COMPANY, Feature, Material, UnitKey
from metrics_py.scoreboard.parts import (
    Block,
    Cell,
    Facts,
    Link,
    Links,
    Matter,
    Matters,
    Note,
    Page,
    Section,
    Table,
    Tiles,
)
from metrics_py.scoreboard.piles import Piles
from metrics_py.scoreboard.rows import Ageing, Person, Violation
from metrics_py.scoreboard.segments import bottleneck_blocks
from metrics_py.scoreboard.standings import held_by_units, unit_rows
from metrics_py.scoreboard.tile import Mark, Tile, tile_of
from metrics_py.scoreboard.timeline import Timeline

SOON_DAYS = 7


def unit_pages(material: Material, results: KeyResults | None) -> Iterator[Page]:
    """A page per squad and per product manager."""
    piles = Piles(material, results)
    for squad_id in material.squads:
        yield _squad_page(material, piles, squad_id)
    for person in material.people_with_pages:
        yield _person_page(material, piles, person)


def _squad_page(material: Material, piles: Piles, squad_id: str) -> Page:
    key: UnitKey = ("squad", squad_id, None)
    siblings = [Link(other, address.squad_page(other), other == squad_id) for other in material.squads]
    people = _people_section(material, squad_id)
    in_progress, limit = piles.work.get(squad_id, (None, None))
    facts = []
    if in_progress is not None:
        of = "" if limit is None else f", limit {limit:,}"
        facts.append(("Work in progress", Cell(f"{number.count_text(in_progress, 'feature')}{of}")))
    return _page(
        material,
        piles,
        key,
        address=address.squad_page(squad_id),
        kind="Squad",
        heading=squad_id,
        trail=[Link("Board", address.COMPANY_PAGE)],
        siblings=Links("Squads", siblings),
        facts=facts,
        parts=[people, *_bottleneck_sections(material, squad_id)],
    )


def _person_page(material: Material, piles: Piles, person: Person) -> Page:
    squad = material.squad(person.squad_id)
    trail = [Link("Board", address.COMPANY_PAGE)]
    if squad.href:
        trail.append(Link(squad.text, squad.href))
    mates = [other for other in material.people_with_pages if other.squad_id == person.squad_id and person.squad_id]
    here = person.person_id
    siblings = [Link(m.display_name, address.person_page(m.person_id), m.person_id == here) for m in mates]
    return _page(
        material,
        piles,
        ("person", None, person.person_id),
        address=address.person_page(person.person_id),
        kind=person.role or "Product manager",
        heading=person.display_name,
        trail=trail,
        siblings=Links("In this squad", siblings) if siblings else None,
        facts=[],
        parts=[],
    )


def _page(
    material: Material,
    piles: Piles,
    key: UnitKey,
    *,
    address: str,
    kind: str,
    heading: str,
    trail: Sequence[Link],
    siblings: Links | None,
    facts: Sequence[tuple[str, Cell]],
    parts: Sequence[Section],
) -> Page:
    verdicts = sorted(material.verdicts_of.get(key, []), key=lambda v: (v.goal_level, v.goal_id))
    timeline = material.timelines.get(key, Timeline([]))
    tiles = [
        tile_of(verdict, (), timeline.of_metric(verdict.metric_id), material.cards[verdict.metric_id])
        for verdict in verdicts
    ]
    weakest = words.weakest(verdict.status for verdict in verdicts) if verdicts else None
    awaiting = [feature for feature in piles.shipped.get(key, []) if feature.is_awaiting]
    ageing, violations = piles.ageing.get(key, []), piles.violations.get(key, [])
    top: list[Block] = [_matters(material, ageing, awaiting, violations)]
    if facts:
        top.append(Facts(facts))
    measures: Block = Tiles(tiles) if tiles else Note("No goal is held by this unit.")
    is_home = key[0] == "person"
    sections = [
        Section("attention", "What needs attention", top),
        Section("measures", "Measures", [measures]),
        *parts,
        *_key_result_sections(material, piles.key_results.get(key, [])),
        Section(
            "awaiting",
            "Awaiting a decision window",
            [listings.awaiting_table(material, awaiting, names_people=not is_home)],
        ),
        Section("ageing", "Open insights", [listings.ageing_table(material, ageing, names_people=not is_home)]),
        Section(
            "violations",
            "Process violations",
            [listings.violations_table(material, violations, names_people=not is_home)],
        ),
        Section(
            "quarters",
            "Quarter by quarter",
            [listings.quarters_switch(material, timeline)],
        ),
        Section("features", "Features", [listings.features_table(material, piles.owned.get(key, []), is_home=is_home)]),
    ]
    worst = biggest_reason(tiles)
    return Page(
        address=address,
        kind=kind,
        title=heading,
        trail=trail,
        heading=heading,
        lead=tally(verdicts) if verdicts else None,
        sections=sections,
        mark=Mark(weakest) if weakest else None,
        because=_because(worst),
        siblings=siblings,
    )


def _key_result_sections(material: Material, rows: Sequence[Row]) -> list[Section]:
    if not rows:
        return []
    table = key_results_table(material, rows, "Running key results", names_people=False)
    return [Section("key-results", "Key results", [table])]


def _because(worst: Tile | None) -> str | None:
    return None if worst is None else f"{worst.metric_id.upper()}: {worst.reason}"


def _matters(
    material: Material, ageing: Sequence[Ageing], awaiting: Sequence[Feature], violations: Sequence[Violation]
) -> Matters:
    today = material.as_of.date()
    soon = today + timedelta(days=SOON_DAYS)
    pressing = [insight for insight in ageing if not insight.is_overdue and insight.breaks_45_on <= soon]
    closing = [feature for feature in awaiting if feature.matured_on and feature.matured_on <= soon]
    within = f"within {SOON_DAYS} days"
    errors = sum(v.severity == "error" for v in violations)
    overdue = sum(insight.is_overdue for insight in ageing)
    counts = [
        (
            len(pressing),
            "open insight becomes",
            "open insights become",
            f"late within {SOON_DAYS} days",
            "ageing",
            "stale",
        ),
        (overdue, "open insight is", "open insights are", "already late", "ageing", "losing"),
        (errors, "violation", "violations", "of rules that must hold", "violations", "losing"),
        (len(violations) - errors, "warning", "warnings", "about the process", "violations", "stale"),
        (len(closing), "outcome becomes", "outcomes become", f"final {within}", "awaiting", "too_early"),
        (len(awaiting), "feature awaits", "features await", "a decision window", "awaiting", "too_early"),
    ]
    return Matters(
        [
            Matter(count, f"{one if count == 1 else many} {rest}", f"#{section}", status)
            for count, one, many, rest, section, status in counts
            if count
        ]
    )


def _people_section(material: Material, squad_id: str) -> Section:
    company = sorted(material.verdicts_of.get(COMPANY, []), key=lambda v: (v.goal_level, v.goal_id))
    held = held_by_units(material, company)
    rows = []
    for unit in unit_rows(material, company, squad_id):
        cells = [
            Cell("")
            if standing is None
            else Cell(
                standing.value or standing.mark.word,
                mark=standing.mark,
                note=standing.mark.word if standing.value else standing.before and f"before {standing.before}",
            )
            for standing in unit.cells
        ]
        rows.append([Cell("Whole squad") if unit.level == "squad" else unit.name, *cells])
    columns = ["Who", *(verdict.metric_id.upper() for verdict in held)]
    return Section("people", "Product managers", [Table(f"Measures of squad {squad_id}", columns, rows)])


def _bottleneck_sections(material: Material, squad_id: str) -> list[Section]:
    rows = [row for row in material.bottlenecks if row.org_level == "squad" and row.squad_id == squad_id]
    blocks = bottleneck_blocks(rows)
    return [Section("bottleneck", "Where pains wait", blocks)] if blocks else []
