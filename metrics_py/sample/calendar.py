"""The sample's clock: when extracts are taken and what the organisation's local date is.

Every instant is a naive `datetime` in UTC with whole seconds. The organisation lives in Phoenix, which is seven hours
behind UTC all year round.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, timedelta

UTC_OFFSET = timedelta(hours=-7)
FIRST_EXTRACT = datetime(2024, 7, 1, 6)
LAST_EXTRACT = datetime(2026, 1, 31, 6)
DAILY_FROM = date(2026, 1, 1)
AS_OF = LAST_EXTRACT


def extract_times() -> list[datetime]:
    """Every extract: each Monday at 06:00 UTC, and each day of January 2026.

    Examples:
        >>> len(extract_times())
        110
    """
    days = (FIRST_EXTRACT + timedelta(days=n) for n in range((LAST_EXTRACT - FIRST_EXTRACT).days + 1))
    return [day for day in days if day.weekday() == 0 or day.date() >= DAILY_FROM]


EXTRACTS = extract_times()


def local_date(instant: datetime) -> date:
    """The organisation's date of an instant.

    Examples:
        >>> local_date(datetime(2025, 1, 1, 6, 59))
        datetime.date(2024, 12, 31)
    """
    return (instant + UTC_OFFSET).date()


def midnight(day: date) -> datetime:
    """The instant at which a local date begins."""
    return datetime(day.year, day.month, day.day) - UTC_OFFSET


AS_OF_ON = local_date(AS_OF)


def extract_holding(instant: datetime) -> int | None:
    """Number of the first extract that could see something of this instant; None after the last one."""
    number = bisect_left(EXTRACTS, instant)
    return number if number < len(EXTRACTS) else None


def quarter_start(day: date) -> date:
    """First day of the calendar quarter that holds a date."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def next_quarter(start: date) -> date:
    """First day of the quarter after the one that starts on a date."""
    return quarter_start(start + timedelta(days=95))


def quarters() -> Iterator[date]:
    """First days of every quarter from the first extract to the one holding as_of."""
    start = quarter_start(FIRST_EXTRACT.date())
    while start <= AS_OF_ON:
        yield start
        start = next_quarter(start)
