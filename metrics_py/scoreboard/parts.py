"""What the pages are made of: sections of tiles, charts, tables, facts and lists, all texts ready to be set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from metrics_py.scoreboard.series import Series
from metrics_py.scoreboard.tile import Mark, Tile

Record = TypeVar("Record")

ROWS_SHOWN = 40
"""Rows of a table that a page shows; the rest are in the CSV beside it."""


@dataclass(frozen=True)
class Link:
    """A way to somewhere else on the board; `href` is an address below the site's root."""

    text: str
    href: str
    is_here: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    href: str | None = None
    mark: Mark | None = None
    note: str | None = None
    anchor: str | None = None


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row names it."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[int] = frozenset()
    """Places of the columns that hold numbers."""
    more: Link | None = None
    """Where the rows are that are not shown."""
    empty: str = "Nothing to show."
    is_whole: bool = False
    """Whether all its rows are in sight; else a long table shows its first and folds the others away."""


@dataclass(frozen=True)
class Drawing:
    """A chart at the widths it is shown in, with the table of what it draws."""

    kind: ClassVar[str] = "drawing"
    title: str
    note: str
    pictures: Sequence[tuple[str, str]]
    """Name of the width and the SVG; none when there is nothing to draw."""
    table: Table


@dataclass(frozen=True)
class Tiles:
    """Goals of one organisation unit."""

    kind: ClassVar[str] = "tiles"
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Facts:
    """Terms and what they are."""

    kind: ClassVar[str] = "facts"
    facts: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Note:
    """A paragraph, in the colour of a status where it has one."""

    kind: ClassVar[str] = "note"
    text: str
    mark: Mark | None = None
    link: Link | None = None


@dataclass(frozen=True)
class Matter:
    """Something that waits for somebody: how many, of what, and where they are listed."""

    count: int
    text: str
    href: str
    status: str


@dataclass(frozen=True)
class Matters:
    """What needs attention, the most urgent first."""

    kind: ClassVar[str] = "matters"
    matters: Sequence[Matter]


@dataclass(frozen=True)
class Panel:
    """What a switch shows for one choice."""

    slug: str
    label: str
    blocks: Sequence["Block"]


@dataclass(frozen=True)
class Switch:
    """Panels of which one is shown at a time; the last one until another is chosen."""

    kind: ClassVar[str] = "switch"
    name: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Links:
    """Ways to pages of a kind."""

    kind: ClassVar[str] = "links"
    name: str
    links: Sequence[Link]


Block = Table | Drawing | Tiles | Facts | Note | Matters | Switch | Links


@dataclass(frozen=True)
class Section:
    """A part of a page under its own heading."""

    slug: str
    title: str
    blocks: Sequence[Block]
    note: str | None = None


@dataclass(frozen=True)
class Page:
    """One page, except for what all pages share."""

    address: str
    kind: str
    title: str
    trail: Sequence[Link]
    heading: str
    lead: str | None
    sections: Sequence[Section]
    mark: Mark | None = None
    figure: str | None = None
    because: str | None = None
    siblings: Links | None = None
    extra: dict[str, object] = field(default_factory=dict)
    """What only this kind of page sets."""


def shown(records: Sequence[Record], csv: str) -> tuple[Sequence[Record], Link | None]:
    """The records a page shows, and a link to the file with all of them when some are left out."""
    if len(records) <= ROWS_SHOWN:
        return records, None
    return records[:ROWS_SHOWN], Link(f"All {len(records):,} rows as CSV", csv)


def values_table(series: Sequence[Series], *, caption: str, csv: str) -> Table:
    """The points of some readings as a table, newest first."""
    from metrics_py.scoreboard import number, words

    days = sorted({day for line in series for day in line.days}, reverse=True)
    by_day = [dict(zip(line.days, zip(line.values, line.targets, strict=True), strict=True)) for line in series]

    def text(value: float | None, unit: str) -> Cell:
        return Cell("" if value is None else number.value_text(value, unit))

    rows = []
    for day in days[:ROWS_SHOWN]:
        cells = [Cell(words.day_text(day))]
        for line, points in zip(series, by_day, strict=True):
            value, target = points.get(day, (None, None))
            cells += [text(value, line.unit) if value is not None else Cell("no value"), text(target, line.unit)]
        rows.append(cells)
    columns = ["From", *(name for line in series for name in (line.label, "Target"))]
    more = Link(f"All {len(days):,} rows as CSV", csv) if len(days) > ROWS_SHOWN else None
    return Table(caption, columns, rows, frozenset(range(1, len(columns))), more)
