"""The words of the board: one for each status, each reading and each period."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

# From the weakest on: a roll-up shows the first of these that occurs. What is unknown is weaker than what is too
# early, and nothing unknown is ever called winning.
STATUS_WORDS = {
    "losing": "Losing",
    "stale": "Stale",
    "no_data": "No data",
    "no_target": "No target",
    "too_early": "Too early",
    "winning": "Winning",
}

KEY_RESULT_WORDS = {
    "missed": "Missed",
    "off_track": "Off track",
    "at_risk": "At risk",
    "on_track": "On track",
    "achieved": "Achieved",
}

# Key results have words of their own, and share the colours of the goals.
TONES = {"missed": "losing", "off_track": "losing", "at_risk": "stale", "on_track": "winning", "achieved": "winning"}

ANSWERS = {
    "losing": "No.",
    "stale": "We cannot tell.",
    "no_data": "We cannot tell.",
    "no_target": "Nobody has said what winning is.",
    "too_early": "Too early to say.",
    "winning": "Yes.",
}

READING_WORDS = {
    "headline": "Headline value",
    "p90_launched": "90th percentile of launched insights",
    "share_within_45": "Share resolved within 45 days",
    "post_stratified": "Post-stratified",
    "any_kpi_met": "Any KPI met",
}

# Readings in which more is better although their metric's headline is better when lower.
_RISING_READINGS = frozenset({"share_within_45"})

_PERIOD_NOUNS = {"quarter": "quarter", "day": "day", "wave": "wave", "month": "month", "goal_period": "period"}


def weakest(statuses: Iterable[str]) -> str:
    """The weakest of some statuses, which is what a roll-up shows; labels are never averaged.

    Raises: ValueError for no status at all or one that is not in the vocabulary.

    Examples:
        >>> weakest(["winning", "too_early", "winning"])
        'too_early'
    """
    order = list(STATUS_WORDS)
    return min(statuses, key=order.index)


def reading_word(reading: str) -> str:
    """What a reading is called; its own name in plain words when it has no other.

    Examples:
        >>> [reading_word("share_within_45"), reading_word("ever_met")]
        ['Share resolved within 45 days', 'Ever met']
    """
    return READING_WORDS.get(reading, reading.replace("_", " ").capitalize())


def bound(reading: str, direction: str) -> str:
    """How a reading is held against its target, given its metric's direction (`up` or `down`).

    Examples:
        >>> [bound("p90_launched", "down"), bound("share_within_45", "down")]
        ['at most', 'at least']
    """
    return "at least" if direction == "up" or reading in _RISING_READINGS else "at most"


def day_text(day: date) -> str:
    """A date in words.

    Examples:
        >>> day_text(date(2026, 1, 31))
        '31 Jan 2026'
    """
    return f"{day.day} {day:%b %Y}"


def instant_text(instant: datetime) -> str:
    """A UTC instant in words.

    Examples:
        >>> instant_text(datetime(2026, 1, 31, 6, 0))
        'Saturday 31 January 2026, 06:00 UTC'
    """
    return f"{instant:%A} {instant.day} {instant:%B %Y, %H:%M} UTC"


def period_text(kind: str, start: date, end: date) -> str:
    """A period by the name people use for it; `end` is the day after its last day.

    Examples:
        >>> period_text("month", date(2025, 12, 1), date(2026, 1, 1))
        'December 2025'
        >>> period_text("goal_period", date(2025, 7, 1), date(2026, 1, 1))
        'H2 2025'
    """
    last = end - timedelta(days=1)
    if kind == "day":
        return day_text(start)
    if kind == "month":
        return f"{start:%B %Y}"
    if start.day == 1 and end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        if months == 3 and start.month % 3 == 1:
            return f"Q{(start.month + 2) // 3} {start.year}"
        if months == 6 and start.month in (1, 7):
            return f"H{1 if start.month == 1 else 2} {start.year}"
    return f"{day_text(start)} to {day_text(last)}"


def period_noun(kind: str) -> str:
    """What a period of this kind is called.

    Examples:
        >>> period_noun("wave")
        'wave'
    """
    return _PERIOD_NOUNS[kind]
