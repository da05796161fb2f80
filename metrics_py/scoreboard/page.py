"""Setting pages as static HTML that needs nothing but itself."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metrics_py.scoreboard import address, line, number, words
from metrics_py.scoreboard.board import Board
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.markup import cell_markup, rows_markup
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Link, Links, Page
from metrics_py.scoreboard.tile import Tile
from metrics_py.shown import shown

# A chart is drawn once for each width and shown at that size, so that its lettering stays legible on a phone.
_TREND_WIDTHS = {"wide": 1040, "medium": 620, "narrow": 280}


class Press:
    """Sets the pages of one site; what all of them share is made once."""

    def __init__(self, material: Material, board: Board, nav: Sequence[Link]) -> None:
        self._nav = nav
        self._shared = {
            "as_of": board.as_of,
            "as_of_text": words.instant_text(board.as_of),
            "max_age_days": board.max_age_days,
            "colophon": board.colophon,
            "version": material.snapshot.generation,
            "style": Markup(_asset("page.css")),
        }

    def company(self, board: Board, drawer: Drawer, quarters: Links) -> str:
        """The company board."""
        trends: dict[str, Markup] = {}
        if board.trend is not None:
            panels, status = board.trend.panels, board.trend.status
            trends = {
                name: Markup(drawer.draw("trend", panels, status=status, width=width))
                for name, width in _TREND_WIDTHS.items()
            }
        return self._set("company.html.j2", address.COMPANY_PAGE, board=board, trends=trends, quarters=quarters)

    def page(self, page: Page) -> str:
        """Any other page."""
        if page.address == address.SEARCH_PAGE:
            return self._set("search.html.j2", page.address, ("page.js", "search.js"), page=page)
        return self._set("page.html.j2", page.address, page=page)

    def _set(self, template: str, here: str, assets: Sequence[str] = ("page.js",), **content: object) -> str:
        root = "../" * here.count("/")
        scripts = [_asset(name) for name in assets]
        page = (
            _environment()
            .get_template(template)
            .render(
                **self._shared,
                root=root,
                # Prints on one sheet of paper.
                is_sheet=here.startswith(address.PEOPLE),
                to=_to(root),
                nav=[replace(link, is_here=link.href == here) for link in self._nav],
                scripts=[Markup(script) for script in scripts],
                # The scripts are allowed by their hashes; anything else that finds its way into the page does not run.
                script_hashes=[_hash(script) for script in scripts],
                **content,
            )
        )
        return shown(page)


@cache
def _environment() -> Environment:
    """The templates, compiled once for every site that this process draws."""
    environment = Environment(
        loader=PackageLoader("metrics_py.scoreboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["count"] = number.count_text
    environment.globals |= {
        "cell_markup": cell_markup,
        "rows_markup": rows_markup,
        "metric_page": address.metric_page,
        "data_page": address.DATA_PAGE,
        "sparkline": _sparkline,
    }
    return environment


def _to(root: str) -> Callable[[str], str]:
    return lambda href: href if href.startswith("#") else root + href


def _sparkline(tile: Tile) -> Markup:
    return Markup(line.sparkline(tile.series, status=tile.mark.status))


@cache
def _asset(name: str) -> str:
    return (files("metrics_py.scoreboard") / "templates" / name).read_text(encoding="utf-8").strip()


@cache
def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
