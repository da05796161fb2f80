"""A frame with what engines write down differently: extremes, nulls, blanks, and a column with nothing in it."""

from datetime import date, datetime
from decimal import Decimal

import polars as pl

FRAME = pl.DataFrame(
    {
        "whole": [1, None, -(2**63)],
        "small": pl.Series([1, None, 2], dtype=pl.Int32),
        "unsigned": pl.Series([1, None, 2**32 - 1], dtype=pl.UInt32),
        "share": [0.1 + 0.2, None, 5e-324],
        "money": pl.Series([Decimal("1.20"), None, Decimal("-9999999999999999.99")], dtype=pl.Decimal(18, 2)),
        "text": ["", None, "é\n\"'\\N, \U0001f600"],
        "day": [date(2025, 2, 28), None, date(1900, 1, 1)],
        "moment": [datetime(2025, 1, 1, 2, 3, 4, 567891), None, datetime(1969, 12, 31, 23, 59, 59, 999999)],
        "yes": [True, None, False],
        "nothing": [None, None, None],
    }
)
