"""Tables of a rendered page as texts, and whether a text is a value to the decimals it is shown with."""

import re
from html.parser import HTMLParser
from pathlib import Path

SHOWN = re.compile(r"(?P<sign>−?)\$?(?P<digits>[\d,]+(?:\.\d+)?)(?P<scale>[KM]?)(?P<share>%?)(?: days)?")


class Tables(HTMLParser):
    """Tables of a page by caption: rows of cell texts, without what stands small beside a value."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._caption = ""
        self._text: list[str] | None = None
        self._small = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("caption", "td", "th"):
            self._text = []
        elif tag == "small":
            self._small += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "small":
            self._small -= 1
        elif tag == "table":
            # The rows that are folded away are a table of the same caption.
            self.tables.setdefault(self._caption, []).extend(self._rows[1:])
        elif tag in ("caption", "td", "th") and self._text is not None:
            text = " ".join("".join(self._text).split())
            if tag == "caption":
                self._caption = text
            else:
                self._rows[-1].append(text)
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._small:
            self._text.append(data)


def tables_of(page: Path) -> dict[str, list[list[str]]]:
    """Rows below the heading of each table of a page, by caption."""
    parser = Tables()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.tables


def assert_shows(text: str, value: float | None, where: str) -> None:
    """That a text is the value, to the decimals it is shown with; no number where there is none."""
    if value is None:
        assert not any(letter.isdigit() for letter in text), f"{where}: {text!r} where there is no value"
        return
    found = SHOWN.fullmatch(text)
    assert found, f"{where}: {text!r} is no value"
    digits = found["digits"].replace(",", "")
    unit = {"K": 1e3, "M": 1e6, "": 1.0}[found["scale"]] / (100 if found["share"] else 1)
    number = float(digits) * unit * (-1 if found["sign"] else 1)
    decimals = len(digits.partition(".")[2])
    assert abs(number - value) <= 0.5 * 10**-decimals * unit * (1 + 1e-9), f"{where}: {text} for {value}"
