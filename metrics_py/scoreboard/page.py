"""Setting the board as one static HTML file that needs nothing but itself."""

import base64
import hashlib
import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metrics_py.scoreboard import chart, number, words
from metrics_py.scoreboard.board import Board, read_board
from metrics_py.scoreboard.snapshot import Snapshot

# A chart is drawn once for each width and shown at that size, so that its lettering stays legible on a phone.
_CHART_WIDTHS = {"wide": 1040, "medium": 620, "narrow": 280}


@dataclass(frozen=True)
class ScoreboardReport:
    """The pages that were drawn."""

    index: Path
    answer: str
    tally: str


def render(published: Path, out: Path) -> ScoreboardReport:
    """Draw the company board of a published snapshot as `out/index.html`, replacing it in one step.

    Raises: WarehouseError when nothing is published or a table is missing; MissingColumnError when a column is.
    """
    board = read_board(Snapshot(published))
    out.mkdir(parents=True, exist_ok=True)
    index = out / "index.html"
    _replace(index, company_page(board))
    return ScoreboardReport(index, board.answer, board.tally)


def company_page(board: Board) -> str:
    """The company board as HTML."""
    environment = Environment(
        loader=PackageLoader("metrics_py.scoreboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = number.count_text
    script = _asset("page.js")
    return environment.get_template("company.html.j2").render(
        board=board,
        as_of_text=words.instant_text(board.as_of),
        sparklines={
            tile.metric_id: Markup(chart.sparkline(tile.series, status=tile.mark.status)) for tile in board.tiles
        },
        trends=_trends(board),
        style=Markup(_asset("page.css")),
        script=Markup(script),
        # The one script is allowed by its hash; anything else that finds its way into the page does not run.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _trends(board: Board) -> dict[str, Markup]:
    if board.trend is None:
        return {}
    panels, status = board.trend.panels, board.trend.status
    return {name: Markup(chart.trend(panels, status=status, width=width)) for name, width in _CHART_WIDTHS.items()}


def _asset(name: str) -> str:
    return (files("metrics_py.scoreboard") / "templates" / name).read_text(encoding="utf-8").strip()


def _replace(path: Path, content: str) -> None:
    temporary = path.with_name(f".{path.name}.next")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
