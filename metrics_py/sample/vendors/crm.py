"""The CRM: accounts, and their ARR month by month."""

from datetime import datetime

import polars as pl

from metrics_py.sample.calendar import FIRST_EXTRACT
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.world.accounts import MONTHS
from metrics_py.sample.world.company import World

_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))
_BOOKS_CLOSE_ON = 24
"""Day of the month on which the CRM gives out the month's ARR."""


def tables(world: World) -> list[Table]:
    """Every table of the CRM."""
    accounts = world.accounts.accounts.select(
        id="account_id", name="name", domain="domain", _from=pl.lit(FIRST_EXTRACT), _to=_NOTHING
    )
    closed = {month: datetime(month.year, month.month, _BOOKS_CLOSE_ON, 20) for month in MONTHS}
    arr = world.accounts.arr.select(
        "account_id",
        "month",
        arr_amount=(pl.col("cents").cast(pl.Decimal(20, 2)) / 100).cast(pl.Decimal(18, 2)),
        currency=pl.lit("USD"),
        _from=pl.col("month").replace_strict(closed, return_dtype=pl.Datetime("us")),
        _to=_NOTHING,
    )
    return [Table("crm", "account", "sheet", accounts), Table("crm", "account_arr", "incremental", _restated(arr))]


def _restated(arr: pl.DataFrame) -> pl.DataFrame:
    """Some rows come out wrong first and are corrected a fortnight later; the last word is the true amount."""
    number = pl.int_range(pl.len())
    mended = (number % 97 == 0) & (pl.col("_from") < datetime(2025, 12, 1))
    first = arr.filter(mended).with_columns(
        arr_amount=(pl.col("arr_amount") + 600).cast(pl.Decimal(18, 2)), _to=pl.col("_from") + pl.duration(days=14)
    )
    rest = arr.with_columns(_from=pl.when(mended).then(pl.col("_from") + pl.duration(days=14)).otherwise("_from"))
    return pl.concat([first, rest]).sort("account_id", "month", "_from")
