"""The estimate rule: what consecutive extracts, `updated_at` and webhooks say about when something changed."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

from metrics_py.sample.calendar import EXTRACTS, local_date


@dataclass(frozen=True)
class ChangeTime:
    """When something changed as far as the warehouse can know; `known_at_first` says it was so in the first extract."""

    lower: datetime
    upper: datetime
    estimate: datetime
    method: str
    known_at_first: bool = False


def exact(instant: datetime, method: str) -> ChangeTime:
    """A change that somebody dated."""
    return ChangeTime(instant, instant, instant, method)


def observed(
    *,
    not_yet: datetime | None,
    shown: datetime,
    created: datetime,
    updated: datetime,
    receipts: list[datetime],
) -> ChangeTime:
    """A change first shown by the extract `shown` and not yet by the extract `not_yet`.

    Lower bound: the extract before, or the creation if that is later. A webhook received between the two caps the
    change at its receipt, the last of several; otherwise the later extract does. The estimate is the row's own
    `updated_at` where that lies inside, else the upper bound.

    Examples:
        >>> day = [datetime(2025, 1, n) for n in range(1, 10)]
        >>> observed(not_yet=day[0], shown=day[7], created=day[0], updated=day[3], receipts=[]).estimate
        datetime.datetime(2025, 1, 4, 0, 0)
        >>> observed(not_yet=day[4], shown=day[7], created=day[0], updated=day[3], receipts=[]).method
        'snapshot'
        >>> observed(not_yet=day[0], shown=day[7], created=day[0], updated=day[5], receipts=[day[2]]).estimate
        datetime.datetime(2025, 1, 3, 0, 0)
    """
    lower = created if not_yet is None else max(not_yet, created)
    inside = lower <= updated <= shown
    between = [receipt for receipt in receipts if lower <= receipt <= shown]
    if between:
        upper = max(between)
        return ChangeTime(lower, upper, min(upper, updated) if inside else upper, "webhook", not_yet is None)
    if inside:
        return ChangeTime(lower, shown, updated, "updated_at", not_yet is None)
    return ChangeTime(lower, shown, shown, "snapshot", not_yet is None)


def first_shown(since: datetime, until: datetime | None) -> int | None:
    """Number of the first extract that shows something standing from `since` to before `until`; None if none does."""
    number = bisect_left(EXTRACTS, since)
    if number == len(EXTRACTS) or (until is not None and until <= EXTRACTS[number]):
        return None
    return number


def extract_before(number: int) -> datetime | None:
    """The extract before one, None before the first."""
    return EXTRACTS[number - 1] if number > 0 else None


def days_between(start: datetime, end: datetime) -> int:
    """Calendar days between the local dates of two instants."""
    return (local_date(end) - local_date(start)).days
