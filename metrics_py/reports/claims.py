"""Every number a text states: figures, percentages, money, written-out dates and periods, with sign and precision.

Not claims are names that happen to hold digits (`P90`, `kr-2`, `v1.2.0`), numbers of list items, addresses and HTML
comments. "One" is not read as a number, because it mostly is not one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["number", "date", "period", "time", "label"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A number as a text states it, and where.

    `value` is in `unit` ("percent", "pp", "usd", "days", ... or empty where none is written) with thousands and
    millions multiplied out; `step` is the size of its last written digit. A date has `day` (with year None as 0001 in
    `has_year` False) and a period its `period` such as 2025Q3, 2025H2, 2025-12, 2025 or Q3.
    """

    text: str
    start: int
    end: int
    kind: Kind = "number"
    value: Decimal | None = None
    step: Decimal = Decimal(1)
    unit: str = ""
    sign: str = ""
    day: date | None = None
    has_year: bool = True
    period: str = ""

    def agrees_with(self, value: float) -> bool:
        """Whether this is `value` (in this claim's unit), rounded half-even to the digits that are written.

        Examples:
            >>> number_claims("69.8")[0].agrees_with(69.76), number_claims("69.7")[0].agrees_with(69.76)
            (True, False)
        """
        if self.value is None:
            return False
        # Through twelve significant digits, which is what is published, so that 0.145 * 100 is 14.5.
        exact = Decimal(f"{value:.12g}")
        return (exact / self.step).quantize(Decimal(1), ROUND_HALF_EVEN) * self.step == self.value


def number_claims(text: str) -> list[Claim]:
    """The numbers of a text (Markdown or plain), in order.

    Examples:
        >>> [claim.text for claim in number_claims("NPS fell by 3.1 points to 12.3 on 31 January 2026 (Q4 2025: +15)")]
        ['3.1 points', '12.3', '31 January 2026', 'Q4 2025', '+15']
        >>> [(str(claim.value), claim.unit) for claim in number_claims("$9.5M, -7pp, 1,234 rows and 45 days")]
        [('9500000.0', 'usd'), ('-7', 'pp'), ('1234', ''), ('45', 'days')]
        >>> number_claims("P90 of kr-2, see `f000-00015`")
        []
    """
    rest = _without_markup(text)
    found: list[Claim] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(rest):
            claim = read(match)
            if claim is not None:
                found.append(claim)
        rest = pattern.sub(lambda match: " " * len(match[0]), rest)
    return sorted(found, key=lambda claim: claim.start)


_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = "|".join([*(f"{name}" for name in _MONTHS), *(f"{name[:3]}" for name in _MONTHS), "sept"])
_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {
    word: 10 * number
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000, "bn": 10**9, "billion": 10**9}
_UNITS = {
    "percent": r"%|percent\b|per cent\b",
    "pp": r"pp\b|percentage[ -]points?\b",
    "points": r"points?\b|pts?\b",
    "days": r"days?\b",
    "weeks": r"weeks?\b",
    "months": r"months?\b",
    "years": r"years?\b",
    "quarters": r"quarters?\b",
    "hours": r"hours?\b",
    "minutes": r"minutes?\b|mins?\b",
    "seconds": r"seconds?\b",
    "usd": r"dollars?\b|USD\b",
}
_ANY_UNIT = "|".join(_UNITS.values())
_CURRENCIES = {"$": "usd", "US$": "usd", "USD": "usd", "€": "eur", "£": "gbp"}

_MARKUP = re.compile(
    r"<!--.*?-->"  # comments, which hold the appendix
    r"|https?://\S+|[\w.+-]+@[\w.-]+"
    r"|^[ \t>]*\d+[.)](?=[ \t])",  # numbers of list items
    re.DOTALL | re.MULTILINE,
)
# A letter before the first digit makes a name; a second dot makes a version.
_NAMES = re.compile(r"(?<![\w$€£])[A-Za-z_]+(?:[-_.][A-Za-z]+)*[-_.]?\d[\w]*(?:[-_.]\w+)*|(?<![\w.])v?\d+(?:\.\d+){2,}")


def _without_markup(text: str) -> str:
    return _MARKUP.sub(lambda match: " " * len(match[0]), text)


def _claim(match: re.Match[str], **found: object) -> Claim:
    return Claim(match[0], match.start(), match.end(), **found)  # type: ignore[arg-type]


def _month_number(word: str) -> int:
    return next(number for number, name in enumerate(_MONTHS, 1) if name.startswith(word.lower()[:3]))


def _written_date(match: re.Match[str]) -> Claim | None:
    year = match["year"]
    try:
        day = date(int(year or 2000), _month_number(match["month"]), int(match["day"]))
    except ValueError:
        return None
    return _claim(match, kind="date", day=day, has_year=year is not None)


def _iso_date(match: re.Match[str]) -> Claim | None:
    try:
        return _claim(match, kind="date", day=date.fromisoformat(match["day"]))
    except ValueError:
        return None


def _month_of_year(match: re.Match[str]) -> Claim:
    return _claim(match, kind="period", period=f"{match['year']}-{_month_number(match['month']):02d}")


def _iso_month(match: re.Match[str]) -> Claim:
    return _claim(match, kind="period", period=match["month"])


def _part_of_year(match: re.Match[str]) -> Claim:
    year = match["year"] or match["leading_year"] or ""
    return _claim(match, kind="period", period=f"{year}{(match['part'] or match['later_part']).upper()}")


def _time(match: re.Match[str]) -> Claim:
    return _claim(match, kind="time")


def _nothing(match: re.Match[str]) -> None:
    return None


def _unit_of(written: str | None, currency: str | None) -> str:
    if currency:
        return _CURRENCIES[currency.strip().upper()]
    if not written:
        return ""
    words = written.strip(" -\u00a0\n")
    return next(unit for unit, pattern in _UNITS.items() if re.fullmatch(pattern, words, re.IGNORECASE))


def _number(match: re.Match[str]) -> Claim:
    if re.fullmatch(r"(?:19|20)\d\d", match[0]):
        return _claim(match, kind="period", period=match[0])
    scale = Decimal(_SCALES[match["scale"].strip().lower()]) if match["scale"] else Decimal(1)
    written = match["whole"].replace(",", "") + (match["fraction"] or "")
    sign = (match["sign"] or match["inner_sign"] or "").replace("−", "-")
    value = Decimal(written) * scale * (-1 if sign == "-" else 1)
    step = scale / 10 ** max(len(match["fraction"] or ".") - 1, 0)
    return _claim(match, value=value, step=step, sign=sign, unit=_unit_of(match["unit"], match["currency"]))


def _number_in_words(match: re.Match[str]) -> Claim:
    parts = match["words"].lower().replace("-", " ").split()
    value = Decimal(sum(_WORDS[part] for part in parts))
    scale = match["scale"]
    if scale:
        word = scale.strip().lower()
        value *= 100 if word == "hundred" else _SCALES[word]
    return _claim(match, value=value, unit=_unit_of(match["unit"], None))


_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SINGLE = "|".join(word for word in _WORDS if word != "one" and not word.endswith("ty"))
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_READERS: list[tuple[re.Pattern[str], Callable[[re.Match[str]], Claim | None]]] = [
    (
        re.compile(r"(?<![\w-])(?P<day>\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?(?![\w-])"),
        _iso_date,
    ),
    (
        re.compile(
            rf"(?<![\w.])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\b\.?(?:,?\s+(?P<year>\d{{4}})\b)?",
            re.IGNORECASE,
        ),
        _written_date,
    ),
    (
        re.compile(
            rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w.]*\d)(?:,?\s+(?P<year>\d{{4}})\b)?",
            re.IGNORECASE,
        ),
        _written_date,
    ),
    (re.compile(rf"\b(?P<month>{_MONTH})\.?\s+(?P<year>\d{{4}})\b", re.IGNORECASE), _month_of_year),
    (re.compile(r"(?<![\w-])(?P<month>\d{4}-(?:0[1-9]|1[0-2]))(?![\w-])"), _iso_month),
    (
        re.compile(
            r"(?<![\w-])(?:(?P<leading_year>(?:19|20)\d\d)[ -]?(?P<later_part>[QH][1-4]|W\d\d)|"
            r"(?P<part>Q[1-4]|H[12])(?:[ -]?(?P<year>(?:19|20)\d\d))?)(?![\w-])",
        ),
        _part_of_year,
    ),
    (re.compile(r"(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?(?![\w:])"), _time),
    (_NAMES, _nothing),
    (
        re.compile(
            r"(?<![\w.,])(?P<sign>[+\-−±](?=[$€£\d.]))?(?P<currency>US\$|USD\s|[$€£])?(?P<inner_sign>[-−](?=\d))?"
            r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<fraction>\.\d+)?"
            r"(?P<scale>\s?(?:[kK]|[mM]|bn)(?![\w])|[\s-](?:thousand|million|billion)\b)?"
            rf"(?P<unit>[\s\u00a0-]?(?:{_ANY_UNIT}))?"
            r"(?![\w]|\.\d)",
            re.IGNORECASE,
        ),
        _number,
    ),
    (
        re.compile(
            rf"(?<![\w-])(?P<words>(?:{_TENS})(?:-(?:{_ONES}))?|{_SINGLE})"
            rf"(?P<scale>[\s-](?:hundred|thousand|million|billion)\b)?(?P<unit>[\s-](?:{_ANY_UNIT}))?(?![\w])",
            re.IGNORECASE,
        ),
        _number_in_words,
    ),
]


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence, heading, list item or table row of a text.

    Examples:
        >>> text = "NPS is 12.3. It fell.\\n- ARR is up"
        >>> [text[start:end] for start, end in sentences(text)]
        ['NPS is 12.3.', 'It fell.', '- ARR is up']
    """
    for line in re.finditer(r"[^\n]+", text):
        start = line.start()
        for stop in re.finditer(r"[.!?;](?=\s+\S)(?<!\b[A-Z]\.)", line[0]):
            yield start, line.start() + stop.end()
            start = line.start() + stop.end()
            while start < line.end() and text[start].isspace():
                start += 1
        if start < line.end():
            yield start, line.end()
