"""Bound numbers: everything printed names the published cells it came from, and can be worked out again from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from metrics_py.errors import UnusableInputError
from metrics_py.reports.forms import FORMS
from metrics_py.reports.operations import OPERATIONS
from metrics_py.reports.published import ROWS, Cell, Key, Published, Row, plain_value

_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_APPENDIX = re.compile(r"\n*<!-- bindings\n(.*?)\n-->\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Binding:
    """What was printed and what it follows from: cells, the operation on their values, and the form it is written in.

    `against` are cells that the rounding must not cross; `value` is what the operation gave when it was printed.
    """

    shown: str
    cells: tuple[Cell, ...]
    value: Any
    as_of: str
    operation: str = "cell"
    form: str = "words"
    unit: str = ""
    against: tuple[Cell, ...] = ()
    extra: tuple[Any, ...] = ()

    def again(self, published: Published) -> tuple[Any, str]:
        """The value and its text, worked out again.

        Raises: LookupError when a cell is gone or has become empty.
        """
        values = [published.value(cell) for cell in self.cells]
        if any(value is None for value in values) and self.operation != "mean_attainment":
            raise LookupError(f"{self.reference} is empty now")
        value = OPERATIONS[self.operation](values)
        return plain_value(value), self._write(value, published)

    @property
    def reference(self) -> str:
        """The cells, as text."""
        return " and ".join(str(cell) for cell in self.cells[:3]) + (" ..." if len(self.cells) > 3 else "")

    def _write(self, value: Any, published: Published) -> str:
        against = [published.value(cell) for cell in self.against]
        return FORMS[self.form](value, self.unit, [other for other in against if other is not None], self.extra)


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered document: its text without placeholders and its bindings in the order in which they stand in it."""

    text: str
    bindings: tuple[Binding, ...]
    as_of: str
    generation: str

    def with_appendix(self) -> str:
        """The text with its bindings in a comment at its end, which `read_document` reads back."""
        return f"{self.text.rstrip()}\n\n<!-- bindings\n{_safe(self._appendix())}\n-->\n"

    def _appendix(self) -> str:
        rows: dict[tuple[str, Key], int] = {}
        bindings = [_as_json(binding, rows) for binding in self.bindings]
        named = [[table, {name: plain_value(value) for name, value in key}] for table, key in rows]
        head = {"as_of": self.as_of, "generation": self.generation}
        lines = [head, *({"row": row} for row in named), *bindings]
        return "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)


def read_document(text: str) -> Document:
    """A document as a file holds it, taken apart into its text and its bindings.

    Raises: UnusableInputError when it carries no bindings, or ones that cannot be read.
    """
    found = _APPENDIX.search(text)
    if found is None:
        raise UnusableInputError(
            "this text carries no bindings (the comment that ends a document written by `metrics-py okr`); "
            "write it again with `metrics-py okr ... --out FILE`"
        )
    try:
        head, *lines = [json.loads(line) for line in found[1].split("\n")]
        rows = [(line["row"][0], tuple(line["row"][1].items())) for line in lines if "row" in line]
        bindings = tuple(_from_json(line, rows, head["as_of"]) for line in lines if "row" not in line)
        return Document(text[: found.start()] + "\n", bindings, head["as_of"], head["generation"])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UnusableInputError(
            f"the bindings at the end of this text are damaged ({error}); write it again"
        ) from None


class Binder:
    """Prints published values into a text being composed and remembers what each came from.

    Its methods return placeholders, which `finish` replaces; so text may be composed, captured, dropped and moved, and
    only what is finally there is bound.
    """

    def __init__(self, published: Published) -> None:
        self.published = published
        self._printed: list[Binding] = []

    def bind(
        self,
        cells: Iterable[Cell],
        form: str,
        *,
        operation: str = "cell",
        unit: str = "",
        against: Iterable[Cell] = (),
        extra: Sequence[Any] = (),
    ) -> str:
        """A placeholder for what an operation on cells gives, written in a form."""
        blank = Binding(
            "", tuple(cells), None, self.published.as_of, operation, form, unit, tuple(against), tuple(extra)
        )
        try:
            value, shown = blank.again(self.published)
        except LookupError as error:
            raise UnusableInputError(f"a document would print an empty value: {error}") from None
        self._printed.append(
            Binding(shown, blank.cells, value, blank.as_of, operation, form, unit, blank.against, blank.extra)
        )
        return f"{_OPEN}{len(self._printed) - 1}{_CLOSE}"

    def number(self, row: Row, column: str, *, against: Sequence[str] = (), form: str = "figure") -> str:
        """A value of a row in the row's own unit, on its own side of the columns `against`."""
        others = [row.cell(other) for other in against if row[other] is not None]
        return self.bind([row.cell(column)], form, unit=row["unit"] or "", against=others)

    def share(self, row: Row, column: str, *, against: Sequence[str] = ()) -> str:
        """A share of a row as a percentage."""
        others = [row.cell(other) for other in against if row[other] is not None]
        return self.bind([row.cell(column)], "percent", against=others)

    def chance(self, row: Row, column: str) -> str:
        """A probability of a row as a percentage."""
        return self.bind([row.cell(column)], "chance")

    def gap(self, row: Row, column: str, other: str, *, form: str = "distance") -> str:
        """The difference of two columns of a row, in the row's own unit."""
        return self.bind([row.cell(column), row.cell(other)], form, operation="difference", unit=row["unit"] or "")

    def change(self, row: Row, earlier: Row, column: str, *, form: str = "signed") -> str:
        """How a column changed from an earlier row, in the row's own unit."""
        return self.bind([row.cell(column), earlier.cell(column)], form, operation="difference", unit=row["unit"] or "")

    def words(self, row: Row, column: str, form: str = "words", *extra: Any) -> str:
        """A text of a row."""
        return self.bind([row.cell(column)], form, extra=extra)

    def day(self, row: Row, column: str) -> str:
        """A date of a row."""
        return self.bind([row.cell(column)], "day")

    def last_day(self, row: Row, column: str) -> str:
        """The day before a date of a row: the last day of the period that ends there."""
        return self.bind([row.cell(column)], "day", operation="day_before")

    def whole(self, row: Row, column: str, one: str = "", many: str = "") -> str:
        """A count of a row, with its noun where one is given."""
        return self.bind([row.cell(column)], "count", extra=(one, many) if one else ())

    def days_between(self, row: Row, start: str, end: str) -> str:
        """The days from one date of a row to another."""
        return self.bind([row.cell(start), row.cell(end)], "count", operation="days_between", extra=("day", "days"))

    def how_many(self, rows: Sequence[Row], one: str = "", many: str = "") -> str:
        """The number of some rows of which each is named, with its noun where one is given."""
        cells = [Cell(row.table, row.key, ROWS) for row in rows]
        return self.bind(cells, "count", operation="count", extra=(one, many) if one else ())

    def finish(self, text: str) -> Document:
        """The text with everything printed, and the bindings in the order of the text."""
        bindings: list[Binding] = []

        def print_one(match: re.Match[str]) -> str:
            bindings.append(self._printed[int(match[1])])
            return bindings[-1].shown

        return Document(_PLACE.sub(print_one, text), tuple(bindings), self.published.as_of, self.published.generation)


def _as_json(binding: Binding, rows: dict[tuple[str, Key], int]) -> dict[str, Any]:
    """A binding as a line of the appendix; its cells are a row's number and a column, new rows are added to `rows`."""

    def numbered(cells: Iterable[Cell]) -> list[list[Any]]:
        return [[rows.setdefault((cell.table, cell.key), len(rows)), cell.column] for cell in cells]

    line: dict[str, Any] = {"shown": binding.shown, "value": binding.value, "form": binding.form}
    line["cells"] = numbered(binding.cells)
    if binding.operation != "cell":
        line["operation"] = binding.operation
    if binding.unit:
        line["unit"] = binding.unit
    if binding.against:
        line["against"] = numbered(binding.against)
    if binding.extra:
        line["extra"] = list(binding.extra)
    return line


def _from_json(line: dict[str, Any], rows: Sequence[tuple[str, Key]], as_of: str) -> Binding:
    def cells(numbered: list[list[Any]]) -> tuple[Cell, ...]:
        return tuple(Cell(rows[number][0], rows[number][1], column) for number, column in numbered)

    return Binding(
        shown=line["shown"],
        cells=cells(line["cells"]),
        value=line["value"],
        as_of=as_of,
        operation=line.get("operation", "cell"),
        form=line["form"],
        unit=line.get("unit", ""),
        against=cells(line.get("against", [])),
        extra=tuple(line.get("extra", [])),
    )


def _safe(text: str) -> str:
    # Two hyphens could end the comment, and some characters end lines or turn the text after them for some readers;
    # inside JSON text each may be written as its code.
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("--", "-\\u002d"))
