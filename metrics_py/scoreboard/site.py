"""The whole site: every page, the CSV beside them, each file replaced in one step, and what is gone removed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from metrics_py.files import replacing, turn
from metrics_py.publish.reader import Snapshot
from metrics_py.scoreboard import address
from metrics_py.scoreboard.board import read_board
from metrics_py.scoreboard.data_page import data_page
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.export import write_exports
from metrics_py.scoreboard.key_result_pages import key_result_pages
from metrics_py.scoreboard.key_results import KeyResults, has_key_results
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.metric_pages import metric_pages
from metrics_py.scoreboard.page import Press
from metrics_py.scoreboard.parts import Link, Page
from metrics_py.scoreboard.quarter_pages import quarter_links, quarter_pages
from metrics_py.scoreboard.search import search_page
from metrics_py.scoreboard.stamp import Stamp, write_stamp
from metrics_py.scoreboard.units import unit_pages

_LISTED = ".pages.json"
_LOCK = ".lock"


@dataclass(frozen=True)
class ScoreboardReport:
    """The pages that were drawn."""

    index: Path
    answer: str
    tally: str
    page_count: int


def render(published: Path, out: Path) -> ScoreboardReport:
    """Draw every page of a published snapshot into `out`, each file replaced in one step.

    All pages are set before the first is written, so trouble leaves the site as it was. Pages of an earlier snapshot
    that this one has no more are removed; files that this function never wrote are left alone.

    Raises: WarehouseError when nothing is published or a table is missing; MissingColumnError when a column is.
    """
    snapshot = Snapshot(published)
    # One at a time: a build and a server may both have seen the same new snapshot.
    with turn(out / _LOCK):
        return _render(snapshot, out)


def _render(snapshot: Snapshot, out: Path) -> ScoreboardReport:
    material = Material(snapshot)
    board = read_board(material)
    drawer = Drawer(out)
    press = Press(material, board, _navigation(material))
    pages = {address.COMPANY_PAGE: press.company(board, drawer, quarter_links(material))}
    pages |= {page.address: press.page(page) for page in _pages(material, drawer, out)}
    exports = write_exports(material, out)
    for name, content in pages.items():
        _replace(out / name, content)
    _replace(out / drawer.name, drawer.content())
    _remove_gone(out, {*pages, *exports})
    write_stamp(out, Stamp(material.snapshot.generation))
    return ScoreboardReport(out / address.COMPANY_PAGE, board.answer, board.tally, len(pages))


def _pages(material: Material, drawer: Drawer, out: Path) -> Iterator[Page]:
    yield from quarter_pages(material)
    results = KeyResults(material) if has_key_results(material) else None
    yield from unit_pages(material, results)
    yield from metric_pages(material, drawer, has_docs=(out / address.DBT_DOCS_PAGE).is_file())
    if results is not None:
        yield from key_result_pages(material, results, drawer)
    checks = [Link("The suites of expectations, one by one", address.CHECKS_PAGE)]
    yield data_page(material, links=checks if (out / address.CHECKS_PAGE).is_file() else [])
    yield search_page(material)


def _navigation(material: Material) -> list[Link]:
    links = [Link("Board", address.COMPANY_PAGE)]
    if material.quarters:
        links.append(Link("Quarters", address.quarter_page(material.quarters[-1].label)))
    if has_key_results(material):
        links.append(Link("Key results", address.KEY_RESULTS_PAGE))
    return [*links, Link("Data", address.DATA_PAGE), Link("Search", address.SEARCH_PAGE)]


def _remove_gone(out: Path, present: set[str]) -> None:
    listed = out / _LISTED
    try:
        before = set(json.loads(listed.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        before = set()
    for name in sorted(before - present):
        (out / name).unlink(missing_ok=True)
    _replace(listed, json.dumps(sorted(present), indent=0))


def _replace(path: Path, content: str) -> None:
    with replacing(path) as beside:
        beside.write_text(content, encoding="utf-8")
