"""Which published value is meant: a metric, a reading, a unit and a period as a person names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

import polars as pl

from metrics_py.errors import ConfigurationError

_NAMED_CHOICES = 12


@dataclass(frozen=True)
class Span:
    """A run of days, `end` not included, and the words that named it."""

    text: str
    start: date
    end: date


def choose_metric(wanted: str, cards: pl.DataFrame) -> str:
    """The metric of that id or name, capitals and blanks aside.

    Raises: ConfigurationError when there is none, with the nearest one and all there are.

    Examples:
        >>> cards = pl.DataFrame({"metric_id": ["circt"], "name": ["Cycle Time"]})
        >>> choose_metric("Cycle time", cards)
        'circt'
    """
    return _one(wanted, dict(zip(cards["metric_id"], cards["name"], strict=True)), what="metric")


def choose_person(wanted: str, people: pl.DataFrame) -> str:
    """The person of that id (the work e-mail address) or name.

    Raises: ConfigurationError when there is none, with the nearest one and all there are.
    """
    return _one(wanted, dict(zip(people["person_id"], people["display_name"], strict=True)), what="person")


def choose_squad(wanted: str, squads: Iterable[str]) -> str:
    """The squad of that id.

    Raises: ConfigurationError when there is none, with the nearest one and all there are.
    """
    return _one(wanted, {squad: squad for squad in sorted(set(squads))}, what="squad")


def choose_reading(wanted: str, readings: Iterable[str]) -> str:
    """The reading of that name, among those of a metric.

    Raises: ConfigurationError when there is none, with the nearest one and all there are.
    """
    return _one(wanted, {reading: reading for reading in sorted(set(readings))}, what="reading")


def read_span(text: str, dates: pl.DataFrame) -> Span:
    """The days that a person means by 2025-12-31, 2025-12, 2025Q4, 2025H2 or 2025-07-01..2025-12-31.

    Args:
        text: the words.
        dates: the published dim_dates, whose `fiscal_quarter` says what a quarter is here.
    Raises: ConfigurationError for other words, or a quarter or day that does not exist.

    Examples:
        >>> quarters = pl.DataFrame({
        ...     "fiscal_quarter": ["2025Q4"], "quarter_start": [date(2025, 10, 1)], "quarter_end": [date(2026, 1, 1)]
        ... })
        >>> span = read_span("q4 2025", quarters)
        >>> str(span.start), str(span.end)
        ('2025-10-01', '2026-01-01')
        >>> str(read_span("2025-12", quarters).end)
        '2026-01-01'
    """
    words = re.sub(r"[\s-]*([QH])\s*(\d)[\s-]*", r"\1\2", text.strip().upper())
    words = re.sub(r"^([QH]\d)(\d{4})$", r"\2\1", words)
    try:
        if ".." in words:
            first, last = (date.fromisoformat(day.strip()) for day in words.split("..", 1))
            return Span(text, first, last + timedelta(days=1))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            day = date.fromisoformat(words)
            return Span(text, day, day + timedelta(days=1))
        if re.fullmatch(r"\d{4}-\d{2}", words):
            first = date.fromisoformat(f"{words}-01")
            return Span(text, first, (first + timedelta(days=31)).replace(day=1))
    except ValueError as error:
        raise ConfigurationError(f"no such day in {text!r} ({error}); write a period like 2025-12-31") from None
    if match := re.fullmatch(r"(\d{4})([QH])([1-4])", words):
        year, kind, number = match[1], match[2], int(match[3])
        numbers = [number] if kind == "Q" else [2 * number - 1, 2 * number]
        wanted = [f"{year}Q{quarter}" for quarter in numbers]
        days = dates.filter(pl.col("fiscal_quarter").is_in(wanted))
        if days["fiscal_quarter"].n_unique() == len(wanted):
            return Span(text, days["quarter_start"].min(), days["quarter_end"].max())  # type: ignore[arg-type]
        known = dates["fiscal_quarter"].unique().sort()
        raise ConfigurationError(f"no period {text!r}; the quarters known are {known[0]} to {known[-1]}")
    raise ConfigurationError(
        f"a period must be a day, month, quarter, half or range, like 2025-12-31, 2025-12, 2025Q4, 2025H2 or "
        f"2025-07-01..2025-12-31; found {text!r}"
    )


def choose_period(span: Span | None, periods: pl.DataFrame) -> tuple[str, date]:
    """Kind and first day of the published period that is meant.

    The period that has exactly these days; else the newest that starts within them (a quarter's last day or month);
    else the one that holds their last day. Without a span the newest. Goal periods only when named exactly.

    Args:
        span: the days named, or None.
        periods: period_kind, period_start and period_end of every value of the metric, reading and unit.
    Raises: ConfigurationError when no value is of those days, saying which there are.
    """
    plain = periods.filter(pl.col("period_kind") != "goal_period").sort("period_start")
    if span is None:
        newest = plain if plain.height else periods.sort("period_start")
        return _kind_and_start(newest.tail(1))
    exact = pl.concat([plain, periods.filter(pl.col("period_kind") == "goal_period")]).filter(
        (pl.col("period_start") == span.start) & (pl.col("period_end") == span.end)
    )
    within = plain.filter((pl.col("period_start") >= span.start) & (pl.col("period_start") < span.end)).tail(1)
    holding = plain.filter((pl.col("period_start") < span.end) & (pl.col("period_end") >= span.end)).tail(1)
    for found in (exact.head(1), within, holding):
        if found.height:
            return _kind_and_start(found)
    raise ConfigurationError(f"there is no value for {span.text}; there are {'; '.join(_listed(periods))}")


def _kind_and_start(period: pl.DataFrame) -> tuple[str, date]:
    kind, start = period.select("period_kind", "period_start").row(0)
    return kind, start


def _listed(periods: pl.DataFrame) -> list[str]:
    ranges = (
        periods.group_by("period_kind")
        .agg(
            count=pl.col("period_start").n_unique(),
            first=pl.col("period_start").min(),
            last=pl.col("period_end").max(),
        )
        .sort("period_kind")
    )
    return [
        f"{count:,} {kind.replace('_', ' ')}{'' if count == 1 else 's'} from {first} to {last - timedelta(days=1)}"
        for kind, count, first, last in ranges.iter_rows()
    ]


def _one(wanted: str, named: dict[str, str], *, what: str) -> str:
    spelling = wanted.strip().casefold()
    for identifier, name in named.items():
        if spelling in (identifier.casefold(), name.casefold()):
            return identifier
    spellings = {word.casefold(): identifier for identifier, name in named.items() for word in (identifier, name)}
    near = get_close_matches(spelling, list(spellings), n=1, cutoff=0.4)
    hint = f" did you mean {spellings[near[0]]}?" if near else ""
    raise ConfigurationError(f"no {what} {wanted!r};{hint} There are: {_enumerated(sorted(named))}")


def _enumerated(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED_CHOICES])
    return shown if len(names) <= _NAMED_CHOICES else f"{shown} and {len(names) - _NAMED_CHOICES} more"
