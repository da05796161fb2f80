"""Pages of the metrics: what each asks, where it stands, how it got there, and what is behind it."""

from collections.abc import Iterator, Sequence

from metrics_py.scoreboard import address, listings, number, words
from metrics_py.scoreboard.details import detail_sections
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.evidence import evidence_section
from metrics_py.scoreboard.material import COMPANY, Material
from metrics_py.scoreboard.metric_history import history_section
from metrics_py.scoreboard.parts import (
    Block,
    Cell,
    Facts,
    Link,
    Links,
    Page,
    Section,
    Table,
    Tiles,
    shown,
)
from metrics_py.scoreboard.restatements import restatement_section
from metrics_py.scoreboard.rows import Card, Verdict
from metrics_py.scoreboard.tile import Mark, tile_of
from metrics_py.scoreboard.timeline import Timeline

_DIRECTIONS = {"up": "More is better", "down": "Less is better"}
_UNITS = {
    "usd": "US dollars",
    "share": "share, shown in percent",
    "nps": "points from −100 to 100",
    "days": "calendar days",
}


def metric_pages(material: Material, drawer: Drawer, *, has_docs: bool) -> Iterator[Page]:
    """A page per metric that the company has a goal for."""
    company = sorted(material.verdicts_of.get(COMPANY, []), key=lambda v: (v.goal_level, v.goal_id))
    first: dict[str, Verdict] = {}
    for verdict in company:
        first.setdefault(verdict.metric_id, verdict)
    for verdict in first.values():
        yield _metric_page(material, drawer, verdict, list(first), has_docs=has_docs)


def _metric_page(
    material: Material, drawer: Drawer, verdict: Verdict, metrics: Sequence[str], *, has_docs: bool
) -> Page:
    metric_id = verdict.metric_id
    card = material.cards[metric_id]
    goal = material.goals.get(verdict.goal_id)
    tile = tile_of(verdict, material.verdicts, material.company_values, card, goal=goal)
    csv = address.metric_csv(metric_id)
    sections = [
        Section("now", "Where it stands", [Tiles([tile]), Facts(_definition(material, card, verdict))]),
        history_section(material, drawer, verdict, card, tile, goal),
        *detail_sections(material, drawer, metric_id),
        Section("readings", "Every reading of it", [_readings(material, card)], _READINGS_NOTE),
        Section("units", "Squads and product managers", [_units(material, metric_id)]),
        Section("quarters", "Quarter by quarter", [_quarters(material, metric_id)]),
        evidence_section(material, card),
        restatement_section(material, metric_id),
        Section("elsewhere", "Look closer", [_elsewhere(material, card, csv, has_docs=has_docs)]),
    ]
    return Page(
        address=address.metric_page(metric_id),
        kind="Metric",
        title=f"{metric_id.upper()}: {card.name}",
        trail=[Link("Board", address.COMPANY_PAGE)],
        heading=metric_id.upper(),
        lead=card.question,
        sections=[section for section in sections if section.blocks],
        mark=tile.mark,
        figure=tile.figure.value,
        because=tile.reason,
        siblings=Links("Metrics", [Link(m.upper(), address.metric_page(m), m == metric_id) for m in metrics]),
    )


_READINGS_NOTE = (
    "The headline is what the goal is judged by. The others answer the same question in another way, "
    "so that nobody has to take the headline's word for it."
)


def _definition(material: Material, card: Card, verdict: Verdict) -> list[tuple[str, Cell]]:
    facts = [
        ("What is counted", Cell(card.numerator or "")),
        ("Out of", Cell(card.denominator or "nothing: it is a sum")),
    ]
    facts += [
        ("Direction", Cell(_DIRECTIONS.get(card.direction, card.direction))),
        ("Unit", Cell(_UNITS.get(card.unit, card.unit))),
        ("Headline", Cell(words.reading_word(card.headline_reading))),
        ("Why it matters", Cell(card.why_it_matters or "")),
        ("Owner", material.person(card.owner_id)),
        ("Definition", Cell(f"version {card.definition_version}", note=_reviewed(card))),
        ("Stale after", Cell(number.count_text(card.max_age_days, "day"))),
    ]
    if card.few_below:
        facts.append(("Few below", Cell(f"n {card.few_below:,}")))
    goal = material.goals.get(verdict.goal_id)
    if goal:
        facts.append(("Goal", Cell(goal.goal_name)))
        parent = material.goals.get(goal.parent_goal_id or "")
        if parent:
            grade = f"evidence: {goal.evidence_grade}" if goal.evidence_grade else None
            facts.append(
                (f"Why it moves {parent.metric_id.upper()}", Cell(goal.mechanism or "nobody said", note=grade))
            )
    return facts


def _reviewed(card: Card) -> str | None:
    return None if card.reviewed_on is None else f"reviewed {words.day_text(card.reviewed_on)}"


def _readings(material: Material, card: Card) -> Table:
    kept = [v for v in material.company_values if v.metric_id == card.metric_id and v.period_kind != "goal_period"]
    rows = []
    for reading in sorted({v.reading for v in kept}, key=lambda name: (name != card.headline_reading, name)):
        value = max((v for v in kept if v.reading == reading), key=lambda v: v.period_start)
        is_judged = (card.metric_id, reading) in material.judged
        rows.append(
            [
                Cell(words.reading_word(reading), note="judged" if is_judged else None),
                Cell(words.period_text(value.period_kind, value.period_start, value.period_end)),
                listings.value_cell(value),
                Cell("" if value.target is None else number.value_text(value.target, value.unit)),
                Cell("" if value.n is None else f"{value.n:,}"),
            ]
        )
    return Table(
        "Readings at the newest period", ["Reading", "Period", "Value", "Target", "n"], rows, frozenset({2, 3, 4})
    )


def _units(material: Material, metric_id: str) -> Table:
    verdicts = [v for v in material.verdicts if v.metric_id == metric_id and v.org_level != "company"]
    order = list(words.STATUS_WORDS)
    ordered = sorted(
        verdicts, key=lambda v: (v.org_level != "squad", order.index(v.status), v.squad_id or "", v.person_id or "")
    )
    visible, more = shown(ordered, address.metric_csv(metric_id))
    rows = [
        [
            material.squad(v.squad_id) if v.org_level == "squad" else material.person(v.person_id),
            Cell(words.STATUS_WORDS[v.status], mark=Mark(v.status)),
            Cell("No value" if v.value is None else number.value_text(v.value, v.unit)),
            Cell("" if v.n is None else f"{v.n:,}"),
            Cell(v.status_reason),
        ]
        for v in visible
    ]
    columns = ["Who", "Verdict", "Value", "n", "Why"]
    empty = "This goal is the company's alone."
    return Table("Squads and product managers", columns, rows, frozenset({2, 3}), more, empty)


def _quarters(material: Material, metric_id: str) -> Block:
    values = Timeline(value for value in material.company_values if value.metric_id == metric_id)
    return listings.quarters_switch(material, values)


def _elsewhere(material: Material, card: Card, csv: str, *, has_docs: bool) -> Links:
    links = [Link("Every value as CSV", csv)]
    if has_docs:
        own = f"{card.metric_id}_by_{card.period_kind}"
        model = own if material.snapshot.has(own) else "metric_values"
        links.append(
            Link(f"How it is computed: the model {model}, what it is made from, its tests", address.model_docs(model))
        )
    return Links("Look closer", links)
