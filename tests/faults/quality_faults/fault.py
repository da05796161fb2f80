"""A fault planted in the data of a good company, and who must catch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["a new extract", "the landed rows", "the built tables", "the published tables", "the passing of time"]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, where, and the expectations or dbt tests that do not hold because of it."""

    name: str
    place: Place
    change: str
    """SQL. In a new extract: the query over `extract`, the newest one, that gives the faulty one; else statements.
    Of the passing of time it is the instant to look from."""
    caught_by: tuple[str, ...]
    table: str = ""
    """Which table the faulty extract is of."""
