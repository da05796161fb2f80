"""What a text mentions and where: key results, metrics, goals, initiatives, squads, people, readings of a metric."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from metrics_py.reports.facts import COMPANY, Facts
from metrics_py.reports.published import Cell

Subject = tuple[str, str]
"""Kind and id, as `Facts.of` takes them."""

# What a reading is called beside its own words; "share of pains resolved within 45 days" has its words in order.
_ALSO_CALLED = {
    "minimum": r"minimum|lowest",
    "p90_launched": r"p90|90th percentile",
    "p90_launched_cont": r"interpolated",
    "share_within_45": r"(?:share|resolved|solved|%|percent)\W+(?:\w+\W+){0,4}?within 45(?: days)?",
    "share_at_least_6": r"share\W+(?:\w+\W+){0,4}?(?:at least 6|6 or more)",
    "response_rate": r"response rate",
    "hits_of_shipped": r"of (?:all )?shipped",
}
_CONFIDENCE = re.compile(r"\b(?P<level>80|95)\s?%(?=\s+(?:confidence\s+)?(?:interval|CI\b|range))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of a text and what it names."""

    start: int
    end: int
    subjects: frozenset[Subject] = frozenset()
    unit: str = ""
    reading: str = ""
    cells: tuple[Cell, ...] = ()


class Names:
    """What things are called in a snapshot."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def in_text(self, text: str) -> list[Mention]:
        """Everything that a text mentions, in order; what stands inside a longer name is not told apart from it."""
        found = [self._named(match) for match in self._pattern.finditer(text)]
        masked = mask(text, [(one.start, one.end) for one in found if one.cells])
        for reading, pattern in self._readings.items():
            found += (Mention(match.start(), match.end(), reading=reading) for match in pattern.finditer(masked))
        return sorted(found, key=lambda one: (one.start, -one.end))

    def levels_in(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Where a text names the level of an interval, and that level: "95% interval"."""
        for match in _CONFIDENCE.finditer(text):
            yield match.start(), match.end(), int(match["level"])

    def _named(self, match: re.Match[str]) -> Mention:
        words = match[0].lower()
        subjects, cells = self._subjects.get(words, frozenset()), tuple(self._cells.get(words, ()))
        return Mention(match.start(), match.end(), subjects, self._units.get(words, ""), cells=cells)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names = sorted({*self._subjects, *self._units}, key=lambda name: (-len(name), name))
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?![\w-])", re.IGNORECASE)

    @cached_property
    def _readings(self) -> Mapping[str, re.Pattern[str]]:
        published = self._facts.published
        if not published.has("metric_values"):
            return {}
        known = published.read("metric_values", ["reading"])["reading"].unique().sort()
        return {name: _reading_pattern(name) for name in known if name != "headline"}

    @cached_property
    def _units(self) -> Mapping[str, str]:
        people = self._facts.rows("dim_people", "person_id")
        words = {row["display_name"].lower(): row["person_id"] for row in people}
        words |= {row["person_id"].lower(): row["person_id"] for row in people}
        words |= {str(row["squad_id"]).lower(): row["squad_id"] for row in people if row["squad_id"]}
        return words | dict.fromkeys(("company", "company-wide"), COMPANY)

    @cached_property
    def _cells(self) -> Mapping[str, list[Cell]]:
        """The cells that a whole name stands in, so that "rises from 6 to 20" in it needs no other row."""
        found: dict[str, list[Cell]] = {}
        for table, key, column in (
            ("dim_key_results", "key_result_id", "key_result_name"),
            ("dim_goals", "goal_id", "goal_name"),
            ("initiative_links", "link_id", "name"),
        ):
            for row in self._facts.rows(table, key):
                if row.get(column) and " " in row[column]:
                    found.setdefault(row[column].lower(), []).append(row.cell(column))
        return found

    @cached_property
    def _subjects(self) -> Mapping[str, frozenset[Subject]]:
        metrics: dict[str, set[Subject]] = {}
        for row in self._facts.rows("dim_metrics", "metric_id"):
            for name in (row["metric_id"], row["name"]):
                metrics.setdefault(name.lower(), set()).add(("metric", row["metric_id"]))
        if "arr" in metrics:
            metrics.setdefault("annual recurring revenue", {("metric", "arr")})
        words = {name: set(held) for name, held in metrics.items()}
        for row in self._facts.rows("dim_goals", "goal_id"):
            for name in (row["goal_id"], row["goal_name"]):
                words.setdefault(name.lower(), set()).add(("metric", row["metric_id"]))
        named: dict[str, set[str]] = {}
        for row in self._facts.rows("dim_key_results", "key_result_id"):
            for name in (row["key_result_id"], row["key_result_name"]):
                named.setdefault(name.lower(), set()).add(row["key_result_id"])
        for name, keys in named.items():
            # Of two of the same name, last quarter's and this one's, the running one is spoken of.
            meant = {("key_result", key) for key in keys & self._facts.running or keys}
            # The name of a key result that holds that of a metric speaks of both.
            held = {one for metric, ones in metrics.items() if _occurs(metric, name) for one in ones}
            words.setdefault(name, set()).update(meant, held if " " in name else ())
        for row in self._facts.rows("initiative_links", "link_id"):
            words.setdefault(row["name"].lower(), set()).add(("initiative", row["initiative_id"]))
        words["key results"] = words["key result"] = {("tally", "key results")}
        return {name: frozenset(held) for name, held in words.items()}


def mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with some spans blanked out, everything else where it was."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def _reading_pattern(reading: str) -> re.Pattern[str]:
    own = r"\W+(?:\w+\W+){0,2}?".join(re.escape(word) for word in reading.split("_"))
    other = _ALSO_CALLED.get(reading)
    return re.compile(rf"(?<!\w)(?:{f'{other}|' if other else ''}{own})(?!\w)", re.IGNORECASE)
