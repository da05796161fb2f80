"""The company quarter by quarter: where everybody stood when it ended."""

from collections.abc import Iterator

from metrics_py.scoreboard import address, listings, number, words
from metrics_py.scoreboard.material import COMPANY, Material, UnitKey
from metrics_py.scoreboard.parts import Cell, Link, Links, Page, Section, Table
from metrics_py.scoreboard.tile import Mark
from metrics_py.scoreboard.timeline import Quarter


def quarter_pages(material: Material) -> Iterator[Page]:
    """A page per quarter that has values."""
    for quarter in material.quarters:
        yield _quarter_page(material, quarter)


def quarter_links(material: Material, here: Quarter | None = None) -> Links:
    """The way from quarter to quarter, newest first."""
    quarters = reversed(material.quarters)
    return Links("Quarters", [Link(q.label, address.quarter_page(q.label), q == here) for q in quarters])


def _quarter_page(material: Material, quarter: Quarter) -> Page:
    is_open = quarter.end > material.as_of.date()
    return Page(
        address=address.quarter_page(quarter.label),
        kind="Quarter",
        title=quarter.label,
        trail=[Link("Board", address.COMPANY_PAGE)],
        heading=quarter.label,
        lead=(
            f"Still open: values as of {words.day_text(material.as_of.date())}."
            if is_open
            else "Values at the end of the quarter, with everything known since."
        ),
        sections=[
            Section("company", "Company", [listings.quarter_table(material, material.timelines[COMPANY], quarter)]),
            Section("units", "Squads and product managers", [_units(material, quarter)]),
        ],
        siblings=quarter_links(material, quarter),
    )


def _units(material: Material, quarter: Quarter) -> Table:
    held = [
        (metric_id, reading)
        for metric_id, reading in material.judged
        if reading == material.cards[metric_id].headline_reading
        and any(v.metric_id == metric_id and v.org_level != "company" for v in material.verdicts)
    ]
    keys: list[UnitKey] = [("squad", squad, None) for squad in material.squads]
    keys += [("person", None, person.person_id) for person in material.people_with_pages]
    rows = []
    for key in [COMPANY, *keys]:
        values = material.timelines.get(key)
        level, squad, person = key
        name = Cell("Company") if level == "company" else material.squad(squad) if squad else material.person(person)
        cells = []
        for metric_id, reading in held:
            value = values.last_in(metric_id, reading, quarter) if values else None
            if value is None:
                cells.append(Cell(""))
                continue
            word = words.STATUS_WORDS[value.status]
            text = word if value.value is None else number.value_text(value.value, value.unit)
            cells.append(Cell(text, mark=Mark(value.status), note=None if value.value is None else word))
        rows.append([name, *cells])
    columns = ["Who", *(metric_id.upper() for metric_id, _ in held)]
    return Table(f"Squads and product managers in {quarter.label}", columns, rows)
