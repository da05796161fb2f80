"""Tables and their cells as HTML, written by hand: a site has a hundred thousand cells, and each must cost nothing."""

from collections.abc import Callable, Sequence
from functools import cache
from html import escape

from markupsafe import Markup

from metrics_py.scoreboard.parts import Cell, Table
from metrics_py.scoreboard.tile import Mark

To = Callable[[str], str]
"""From an address below the site's root to one that a link on the page at hand can have."""


def cell_markup(cell: Cell, to: To) -> Markup:
    """What stands in a cell: its sign, its text, linked where it leads somewhere, and its note.

    Examples:
        >>> print(cell_markup(Cell("A & B", "people/ab.html", note="3 days"), lambda href: f"../{href}"))
        <a href="../people/ab.html">A &amp; B</a> <small>3 days</small>
    """
    return Markup(_inner(cell, to))


def rows_markup(table: Table, rows: Sequence[Sequence[Cell]], to: To) -> Markup:
    """Some rows of a table, under its heading."""
    labels = [f' data-label="{escape(name)}"' for name in table.columns]
    sorts = [' class="n"' if place in table.numbers else "" for place in range(len(table.columns))]
    width = " wide" if len(table.columns) > 4 else " middling" if len(table.columns) > 3 else ""
    parts = [f'<table class="list{width}">\n<caption class="unseen">{escape(table.caption)}</caption>\n<thead><tr>']
    parts += [
        f'<th scope="col"{sort}>{escape(name) or "Of"}</th>' for name, sort in zip(table.columns, sorts, strict=True)
    ]
    parts.append("</tr></thead>\n<tbody>\n")
    for first, *others in rows:
        anchor = f' id="{escape(first.anchor)}"' if first.anchor else ""
        parts.append(f'<tr{anchor}><th scope="row">{_inner(first, to)}</th>')
        for cell, sort, label in zip(others, sorts[1:], labels[1:], strict=True):
            sort = sort or (' class="m"' if cell.mark else "")
            parts.append(f"<td{sort}{label if cell.text or cell.note else ''}>{_inner(cell, to)}</td>")
        parts.append("</tr>\n")
    parts.append("</tbody>\n</table>\n")
    return Markup("".join(parts))


def _inner(cell: Cell, to: To) -> str:
    text = escape(cell.text)
    if cell.href:
        text = f'<a href="{escape(to(cell.href))}">{text}</a>'
    if cell.mark:
        text = f"{_sign(cell.mark)} {text}"
    return f"{text} <small>{escape(cell.note)}</small>" if cell.note else text


@cache
def _sign(mark: Mark) -> str:
    return (
        f'<span class="{mark.tone}"><svg class="sign" aria-hidden="true"><use href="#sign-{mark.sign}"/></svg></span>'
    )
