"""The ways in which a bound value is written; a checker writes it again and compares."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from metrics_py.reports import figures
from metrics_py.shown import shown

STATUS_WORDS = {
    "on_track": "on track",
    "at_risk": "at risk",
    "off_track": "off track",
    "achieved": "achieved",
    "missed": "missed",
    "too_early": "too early",
    "no_data": "no data",
    "stale": "stale",
    "no_target": "no target",
    "winning": "winning",
    "losing": "losing",
}

COUNT_WORDS = STATUS_WORDS | {
    "no_data": "without data",
    "no_target": "without a target",
    "too_early": "too early to judge",
}
"""The same behind a count: "2 without data"."""


def clean(text: str) -> str:
    """Somebody's text on one line, its dates in words, unable to end a table cell or to become HTML.

    Examples:
        >>> clean(' ok;\\n"on | plan" <b>')
        'ok; "on \\\\| plan" &lt;b>'
    """
    plain = re.sub(r"\s+", " ", shown(text)).strip().replace("<", "&lt;").replace("|", r"\|")
    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b", lambda match: _in_words(match[0]), plain)


def sentence(text: str) -> str:
    """A clause as a sentence: its first letter a capital, a stop at its end.

    Examples:
        >>> sentence("nothing was ever read"), sentence("Why now?")
        ('Nothing was ever read.', 'Why now?')
    """
    return _ended(clean(text))


def clause(text: str) -> str:
    """A sentence as a clause: its first letter small, unless it opens a name, and no stop at its end.

    Examples:
        >>> clause("Nothing was ever read."), clause("NPS fell")
        ('nothing was ever read', 'NPS fell')
    """
    written = clean(text).rstrip(".")
    is_name = written[1:2].isupper()
    return written if is_name else written[:1].lower() + written[1:]


def excerpt(text: str, most_words: int) -> str:
    """The first words of a text, cut off with an ellipsis.

    Examples:
        >>> excerpt("Book six interviews. Then decide.", 4)
        'Book six interviews. Then…'
    """
    words = clean(text).split(" ")
    return " ".join(words) if len(words) <= most_words else " ".join(words[:most_words]).rstrip(".,;:") + "…"


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun.

    Examples:
        >>> counted(1, "key result", "key results"), counted(0, "key result", "key results")
        ('1 key result', '0 key results')
    """
    return f"{count:,} {one if count == 1 else many}"


def _in_words(written: str) -> str:
    try:
        return figures.day(date.fromisoformat(written))
    except ValueError:
        return written


def _ended(written: str) -> str:
    has_end = re.search(r"[.!?…][\"”’)]?$", written) is not None
    return written[:1].upper() + written[1:] + ("" if has_end else ".")


Form = Callable[[Any, str, Sequence[float], Sequence[Any]], str]
FORMS: dict[str, Form] = {
    "figure": lambda value, unit, against, extra: figures.figure(value, unit, against=against),
    "term": lambda value, unit, against, extra: figures.figure(value, unit, against=against, decimals=2),
    "distance": lambda value, unit, against, extra: figures.distance(value, unit, against=against),
    "signed": lambda value, unit, against, extra: figures.signed(value, unit),
    "rate": lambda value, unit, against, extra: figures.rate(value, unit),
    "change": lambda value, unit, against, extra: figures.change(value, unit),
    "percent": lambda value, unit, against, extra: figures.percent(value, against=against),
    "chance": lambda value, unit, against, extra: figures.chance(value, against=against),
    "day": lambda value, unit, against, extra: figures.day(value),
    "period": lambda value, unit, against, extra: figures.period(value),
    "score": lambda value, unit, against, extra: f"{value:.3f}",
    "half_year": lambda value, unit, against, extra: figures.period(f"{value[:4]}H{(int(value[5]) + 1) // 2}"),
    "attainment": lambda value, unit, against, extra: figures.percent(value, against=[1]),
    "count": lambda value, unit, against, extra: counted(value, *extra) if extra else f"{value:,}",
    # As somebody else wrote it, who was checked; whether it still holds is whether the value is still the same.
    "written": lambda value, unit, against, extra: str(extra[0]),
    "words": lambda value, unit, against, extra: clean(value),
    "sentence": lambda value, unit, against, extra: sentence(value),
    "clause": lambda value, unit, against, extra: clause(value),
    "excerpt": lambda value, unit, against, extra: excerpt(value, extra[0]),
    "excerpt_sentence": lambda value, unit, against, extra: _ended(excerpt(value, extra[0])),
    "status": lambda value, unit, against, extra: STATUS_WORDS[value],
    "status_counted": lambda value, unit, against, extra: COUNT_WORDS[value],
    "status_capital": lambda value, unit, against, extra: STATUS_WORDS[value].capitalize(),
}
