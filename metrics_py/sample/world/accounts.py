"""Accounts with their ARR by month, and the users who work in them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics_py.sample.organisation import stream

ACCOUNTS_PER_UNIT = 400
USERS_PER_UNIT = 3_400
ARR_IN_JANUARY_2025 = 8_000_000
ARR_IN_JANUARY_2026 = 9_480_000
MONTHS = [date(2024 + (6 + n) // 12, (6 + n) % 12 + 1, 1) for n in range(19)]
"""July 2024 to January 2026."""


@dataclass(frozen=True)
class Accounts:
    """Accounts, their ARR (account_id, month, cents; no row: not a customer that month) and their users."""

    accounts: pl.DataFrame
    arr: pl.DataFrame
    users: pl.DataFrame


def draw_accounts(seed: int, chunk: int, units: int) -> Accounts:
    """Accounts whose ARR adds up to about $8M per unit in January 2025 and $9.5M a year later."""
    count = ACCOUNTS_PER_UNIT * units
    ids = [f"a{chunk:03d}-{n:06d}" for n in range(count)]
    names = [f"{_FIRST[n % len(_FIRST)]} {_LAST[n // len(_FIRST) % len(_LAST)]} {n}" for n in range(count)]
    accounts = pl.DataFrame(
        {
            "account_id": ids,
            "name": names,
            "domain": [f"{name.split()[0].lower()}{n}.example" for n, name in enumerate(names)],
        }
    )
    cents = _growing_arr(seed, chunk, count)
    scale = ARR_IN_JANUARY_2025 * units * 100 / cents[MONTHS.index(date(2025, 1, 1))].sum()
    cents = (np.round(cents * scale / 1_200) * 1_200).astype(np.int64)
    active = cents > 0
    month_index, account_index = np.nonzero(active)
    arr = pl.DataFrame(
        {
            "account_id": pl.Series(np.array(ids)[account_index]),
            "month": pl.Series([MONTHS[m] for m in month_index.tolist()], dtype=pl.Date),
            "cents": cents[month_index, account_index],
        }
    )
    return Accounts(accounts, arr, _users(stream(seed, chunk, "users"), chunk, units, ids))


_FIRST = ("Blue", "Summit", "Harbor", "Prairie", "Cascade", "Iron", "Delta", "Juniper", "Copper", "Northern")
_LAST = ("Freight", "Logistics", "Haulage", "Carriers", "Transport", "Lines", "Cargo")


def _growing_arr(seed: int, chunk: int, count: int) -> NDArray[Any]:
    """The first share of expanding accounts with which January 2026 stands on the line to the goal."""
    start = MONTHS.index(date(2025, 1, 1))
    cents = np.empty(0)
    for expanding in np.arange(0.05, 0.2, 0.004):
        cents = _arr_by_month(stream(seed, chunk, "accounts"), count, float(expanding))
        if cents[-1].sum() / cents[start].sum() >= ARR_IN_JANUARY_2026 / ARR_IN_JANUARY_2025:
            break
    return cents


def _arr_by_month(random: np.random.Generator, count: int, expanding: float) -> NDArray[Any]:
    """Cents by month and account; zero where it is not a customer."""
    size = random.lognormal(14.2, 0.8, count)
    active = random.random(count) < 0.84
    ever = active.copy()
    away_for = np.zeros(count, dtype=np.int64)
    rows = [np.where(active, size, 0.0)]
    for _ in MONTHS[1:]:
        draw = random.random(count)
        change = random.random(count)
        size = np.where(draw < expanding, size * (1.06 + 0.2 * change), size)
        size = np.where((draw >= 0.3) & (draw < 0.315), size * (0.95 - 0.2 * change), size)
        leaves = active & (draw >= 0.4) & (draw < 0.4045)
        joins = ~active & ~ever & (random.random(count) < 0.05)
        returns = ~active & ever & (away_for >= 2) & (random.random(count) < 0.12)
        active = (active & ~leaves) | joins | returns
        ever |= active
        away_for = np.where(active, 0, away_for + 1)
        rows.append(np.where(active, np.maximum(size, 120_000), 0.0))
    return np.array(rows)


def _users(random: np.random.Generator, chunk: int, units: int, account_ids: list[str]) -> pl.DataFrame:
    count = USERS_PER_UNIT * units
    joined = np.datetime64("2022-06-01", "D") + random.integers(0, 1_290, count) * np.timedelta64(1, "D")
    account = random.integers(0, len(account_ids), count)
    return pl.DataFrame(
        {
            "user_id": [f"u{chunk:03d}-{n:07d}" for n in range(count)],
            "account_id": pl.Series(np.array(account_ids)[account]),
            "joined_on": pl.Series(joined.astype("datetime64[us]")).cast(pl.Date),
            "pace": random.beta(1.1, 1.9, count),
            "mood": random.normal(0.0, 1.0, count),
        }
    )


def month_of(instant: datetime) -> date:
    """First day of the month that holds an instant (UTC)."""
    return instant.date().replace(day=1)
