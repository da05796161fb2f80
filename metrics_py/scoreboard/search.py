"""The search page: people, squads and features by name, from an index inside the page."""

import base64
import zlib

from metrics_py.scoreboard import address
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Cell, Link, Page, Section, Table

INDEX_BYTES = 200_000
"""What the index may take of a page; where there are more features, the newest are in it."""


def search_page(material: Material) -> Page:
    """Search over features and product managers; without scripts, the list of people."""
    index, left_out = _packed(material)
    rows = [
        [material.person(person.person_id), material.squad(person.squad_id), Cell(person.role or "")]
        for person in material.people_with_pages
    ]
    return Page(
        address=address.SEARCH_PAGE,
        kind="Search",
        title="Search",
        trail=[Link("Board", address.COMPANY_PAGE)],
        heading="Search",
        lead=None,
        sections=[Section("people", "Product managers", [Table("Product managers", ["Name", "Squad", "Role"], rows)])],
        extra={"index": index, "left_out": left_out},
    )


def _packed(material: Material) -> tuple[str, int]:
    """The index, packed, and the number of features that did not fit.

    Lines of text: a page's address, what it is and its name; then its features, each an identifier and a name.
    """
    features = list(material.features)
    kept = len(features)
    while True:
        packed = base64.b64encode(zlib.compress(_lines(material, kept).encode(), 9)).decode()
        if len(packed) <= INDEX_BYTES or not kept:
            return packed, len(features) - kept
        kept = min(kept - 1, int(kept * INDEX_BYTES / len(packed) * 0.98))


def _lines(material: Material, kept: int) -> str:
    by_page: dict[str, list[str]] = {}
    for feature in material.features[:kept]:
        page = material.feature_page(feature)
        if page:
            page, anchor = page.split("#")
            by_page.setdefault(page, []).append(
                f"\t{anchor}\t{_plain(feature.feature_id)}\t{_plain(feature.feature_name)}"
            )
    lines = [f"{address.squad_page(squad)}\tSquad\t{_plain(squad)}" for squad in material.squads]
    for person in material.people_with_pages:
        page = address.person_page(person.person_id)
        lines.append(f"{page}\t{_plain(person.squad_id or 'no squad')}\t{_plain(person.display_name)}")
        lines += by_page.get(page, [])
    return "\n".join(lines)


def _plain(text: str) -> str:
    return " ".join(text.split())
