"""Promoter, passive or detractor: what an answer is, and how many there are of each."""

from collections.abc import Sequence
from decimal import Decimal
from typing import overload

import polars as pl

from metrics_py.errors import MissingColumnError, OutOfRangeError

CLASSES = ("promoters", "passives", "detractors")
NET = "__net"


@overload
def classify(raw: pl.Expr) -> pl.Expr: ...
@overload
def classify(raw: pl.Series) -> pl.Series: ...
@overload
def classify(raw: str | float | Decimal | None) -> str: ...


def classify(raw: pl.Expr | pl.Series | str | float | Decimal | None) -> pl.Expr | pl.Series | str:
    """Class of an answer: promoter for 9 and 10, passive for 7 and 8, detractor for 0 to 6.

    Answers arrive as numbers or as text ("10.0", " 9 " and "1e1" are scores). What is not a whole number from 0 to 10
    is `INVALID`, what is null or blank is `MISSING`; neither is a response, and neither ever becomes a detractor.

    Args:
        raw: one answer, a series of them, or an expression over a column of any type.
    Returns: the class, in the shape that was given.

    Examples:
        >>> [classify(answer) for answer in (10, "7", " 0 ", 6.5, "abc", None)]
        ['promoter', 'passive', 'detractor', 'INVALID', 'INVALID', 'MISSING']
        >>> classify(pl.Series("score", [9, 11, None])).to_list()
        ['promoter', 'INVALID', 'MISSING']
    """
    if isinstance(raw, pl.Series):
        return raw.to_frame().select(_class_of(pl.all())).to_series()
    if isinstance(raw, pl.Expr):
        return _class_of(raw)
    text = None if raw is None else str(raw)
    return str(pl.select(_class_of(pl.lit(text, dtype=pl.String))).item())


def _class_of(raw: pl.Expr) -> pl.Expr:
    # By way of text, so that True and dates are not taken for numbers.
    text = raw.cast(pl.String).str.strip_chars()
    number = text.cast(pl.Float64, strict=False)
    is_score = number.is_between(0, 10) & (number == number.floor())
    return (
        pl.when(text.is_null() | (text == ""))
        .then(pl.lit("MISSING"))
        .when(~is_score.fill_null(False))
        .then(pl.lit("INVALID"))
        .when(number >= 9)
        .then(pl.lit("promoter"))
        .when(number >= 7)
        .then(pl.lit("passive"))
        .otherwise(pl.lit("detractor"))
    )


def count_classes(responses: pl.DataFrame, *, score: str, by: Sequence[str]) -> pl.DataFrame:
    """Promoters, passives and detractors per group; one row, possibly of zeros, when there are no groups.

    Raises: MissingColumnError

    Examples:
        >>> count_classes(pl.DataFrame({"score": [10, 7, 3, 3, None]}), score="score", by=()).row(0)
        (1, 1, 2)
    """
    require_columns(responses, [score, *by], "responses")
    answer = _class_of(pl.col(score))
    counts = [(answer == name.removesuffix("s")).sum().cast(pl.Int64).alias(name) for name in CLASSES]
    return responses.group_by(by, maintain_order=True).agg(counts) if by else responses.select(counts)


def scored(responses: pl.DataFrame, *, score: str) -> pl.DataFrame:
    """Responses whose answer is a score, with the answer as +1, 0 or -1 in the column `NET`.

    Raises: MissingColumnError

    Examples:
        >>> scored(pl.DataFrame({"score": ["10", "8", "0", ""]}), score="score")[NET].to_list()
        [1, 0, -1]
    """
    require_columns(responses, [score], "responses")
    net = _class_of(pl.col(score)).replace_strict({"promoter": 1, "passive": 0, "detractor": -1}, default=None)
    return responses.with_columns(net.cast(pl.Int64).alias(NET)).filter(pl.col(NET).is_not_null())


def require_numbers(frame: pl.DataFrame, columns: Sequence[str], what: str, *, whole: bool = False) -> None:
    """Refuse a frame in which one of these columns is absent, null, negative, not finite or, if so asked, not whole.

    Raises: MissingColumnError, OutOfRangeError
    """
    require_columns(frame, columns, what)
    for name in columns:
        value = pl.col(name).cast(pl.Float64)
        allowed = value.is_finite() & (value >= 0) & ((value == value.floor()) if whole else True)
        bad = frame.filter(~allowed.fill_null(False))
        if bad.height:
            raise OutOfRangeError(
                f"{name} of the {what} must be {'a whole number, ' if whole else ''}0 or more; found {bad[name][0]} in "
                f"{bad.height} rows, first {bad.drop(NET, strict=False).row(0, named=True)}"
            )


def require_columns(frame: pl.DataFrame, columns: Sequence[str], what: str) -> None:
    """Refuse a frame that lacks one of these columns.

    Raises: MissingColumnError
    """
    if missing := [name for name in columns if name not in frame.columns]:
        own = [name for name in frame.columns if name != NET]
        raise MissingColumnError(f"the {what} lack {missing}; they have {own}. Name the column to read")


def column_names(columns: str | Sequence[str]) -> list[str]:
    """Return column names as a list, whether one name or several were given."""
    return [columns] if isinstance(columns, str) else list(columns)


def plain_number(frame: pl.DataFrame, column: str) -> pl.Expr:
    """Return a column as Int64 when it holds integers of any width, else as Float64; engines sum into many types."""
    return pl.col(column).cast(pl.Int64 if frame.schema[column].is_integer() else pl.Float64)
