"""Texts in CSV files for people: whatever a spreadsheet would take for a formula gets an apostrophe in front.

Extracts are not for people: they are landed as they stand, and so is what this library writes to be landed.
"""

import re

import polars as pl

# Spreadsheets skip spaces and characters that cannot be seen, and read wide signs as narrow ones.
_UNSEEN = "\\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_FORMULA = f"^(?:[{_UNSEEN}]*[=+@\uff1d\uff0b\uff0d\uff20-]|[\t\r\n])"
_NUMBER = r"^[+-]?[0-9][0-9 .]*$"


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that start like a formula and are no number, with an apostrophe in front.

    Examples:
        >>> harmless(pl.DataFrame({"name": ["=1+1", "plain", "-7"], "gap": [-1.5, 2.0, 0.0]})).rows()
        [("'=1+1", -1.5), ('plain', 2.0), ('-7', 0.0)]
    """
    texts = pl.col(pl.String)
    is_formula = texts.str.contains(_FORMULA) & ~texts.str.contains(_NUMBER)
    return frame.with_columns(pl.when(is_formula).then("'" + texts).otherwise(texts).name.keep())


def harmless_cell(cell: object) -> object:
    """The same for one cell.

    Examples:
        >>> harmless_cell("=1+1"), harmless_cell("+43 660 1"), harmless_cell(-1)
        ("'=1+1", '+43 660 1', -1)
    """
    is_formula = isinstance(cell, str) and re.search(_FORMULA, cell) and not re.search(_NUMBER, cell)
    return f"'{cell}" if is_formula else cell
