"""What of a document may leave the house: names of people and what they wrote in their own words stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import ascii_uppercase

from metrics_py.reports.binding import Binding, Document
from metrics_py.reports.published import Published

SHARED_TEXTS = frozenset(
    {
        "confidence",
        "goal_name",
        "key_question",
        "key_result_name",
        "name",
        "objective",
        "other_rule_pace_gap_status",
        "other_rule_ratio_band_status",
        "override_status",
        "recommendation",
        "status",
        "status_reason",
    }
)
"""Text columns that are shared: names of key results, goals and initiatives, and what the rules say of them."""

_PEOPLE = frozenset({"display_name", "owner_id", "override_by", "person_id"})
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]*\w")


@dataclass(frozen=True)
class Shared:
    """A document with placeholders for what stays, and what they stand for."""

    text: str
    people: Mapping[str, str]
    """Placeholder to name, such as `[Owner A]`."""
    texts: Mapping[str, Binding]
    """Placeholder to the private text as it was printed, such as `[Text A]`."""

    def hide(self, text: str) -> str:
        """Another text with the same things hidden."""
        replaced = {name: placeholder for placeholder, name in self.people.items()}
        replaced |= {binding.shown: placeholder for placeholder, binding in self.texts.items()}
        for words in sorted(replaced, key=lambda words: (-len(words), words)):
            text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", replaced[words], text)
        return _ADDRESS.sub("[address]", text)

    def with_people(self, text: str) -> str:
        """A text with the names of people back in their places; private texts are put back when it is bound."""
        for placeholder, name in self.people.items():
            text = text.replace(placeholder, name)
        return text


def share(document: Document, published: Published) -> Shared:
    """A document as it may be sent to others."""
    letters = iter(_letters())
    names = {str(row["display_name"]) for row in published.rows("dim_people", by=["person_id"])}
    texts: dict[str, Binding] = {}
    for binding in document.bindings:
        column = binding.cells[0].column if binding.cells else ""
        if not isinstance(binding.value, str) or binding.form == "period" or column in SHARED_TEXTS:
            continue
        is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}.*", binding.value) is not None
        if column in _PEOPLE:
            names.add(binding.shown)
        elif not is_day and all(binding.shown != held.shown for held in texts.values()):
            texts[f"[Text {next(letters)}]"] = binding
    letters = iter(_letters())
    everything = document.text
    people = {f"[Owner {next(letters)}]": name for name in sorted(names) if name in everything}
    shared = Shared("", people, texts)
    return Shared(shared.hide(everything), people, texts)


def _letters() -> Iterator[str]:
    """A, B, ... Z, AA, AB, ...: no digits, which would be numbers of the text."""
    for first in ("", *ascii_uppercase):
        for letter in ascii_uppercase:
            yield f"{first}{letter}"
