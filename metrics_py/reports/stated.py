"""A text that somebody else wrote, checked and bound like a document of our own; or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from metrics_py.reports.binding import Binding, Document
from metrics_py.reports.checking import LABELS, check_document, failures
from metrics_py.reports.claims import number_claims
from metrics_py.reports.clauses import Text
from metrics_py.reports.drafts import check_against
from metrics_py.reports.facts import Facts
from metrics_py.reports.forms import STATUS_WORDS
from metrics_py.reports.mentions import Names
from metrics_py.reports.operations import OPERATIONS
from metrics_py.reports.published import ROWS, Cell, Published, plain_value

_UNCHECKABLE = (
    (re.compile(r"<[^\s>][^>]*>?"), "HTML is not allowed"),
    (re.compile(r"\]\(|https?:|www\."), "links and pictures are not allowed"),
    (re.compile(r"```|~~~"), "blocks of code are not allowed"),
    (
        re.compile(
            r"\b(?:half|halved|halving|double[ds]?|doubling|twice|triple[ds]?|tripling|quadruple[ds]?|two-?fold|thrice|"
            r"a third|two thirds|a quarter of|dozens?|majority)\b",
            re.IGNORECASE,
        ),
        "a multiple or a part in words cannot be checked; say the published number instead",
    ),
)
_LIST_NUMBER = re.compile(r"^[ \t>]*(\d+)[.)](?=[ \t])", re.MULTILINE)
_COUNTED = re.compile(r"\d\s+(?:key results? (?:is |are )?)?$")
_DIGITS = re.compile(r"[^\s|*_`()\[\]“”\"']*\d[^\s|*_`()\[\]“”\"']*")


@dataclass(frozen=True, slots=True)
class Problem:
    """A place of a text that keeps it from being used: what stands there, why, and what is published instead."""

    start: int
    written: str
    why: str
    right: str | None = None


def stated_document(
    text: str, published: Published, *, known: str, quotes: Mapping[str, Binding] | None = None
) -> tuple[Document, list[Problem]]:
    """A text as a document in which each number and each status of a key result is bound to its row.

    Args:
        text: Markdown.
        published: the snapshot it is held against.
        known: what its writer was given; names that hold digits, such as P90, may come from there.
        quotes: texts to put in the place of some words of the text, each with the binding it was printed with.
    Returns: the document, and the problems; with one or more, the document must not be used.
    """
    problems = [*_uncheckable(text, known)]
    placed: list[tuple[int, int, Binding]] = []
    facts = Facts(published)
    for verdict in check_against(text, facts):
        claim = verdict.claim
        if verdict.standing == "bound" and verdict.cells:
            placed.append((claim.start, claim.end, _bound(claim.text, verdict.cells, published)))
        else:
            problems.append(Problem(claim.start, claim.text, verdict.standing, verdict.right))
    for start, end, cell, right in _labels(text, facts):
        if cell is None:
            problems.append(Problem(start, text[start:end], "that is not its status", right))
        else:
            placed.append((start, end, _bound(text[start:end], (cell,), published)))
    for words, binding in (quotes or {}).items():
        placed += [(match.start(), match.end(), binding) for match in re.finditer(re.escape(words), text)]
    document = _printed(text, sorted(placed, key=lambda one: one[:2]), published)
    if not problems:
        wrong = failures(check_document(document, published))
        problems += [Problem(verdict.claim.start, verdict.claim.text, verdict.standing) for verdict in wrong]
    return document, sorted(problems, key=lambda problem: problem.start)


def _bound(shown: str, cells: tuple[Cell, ...], published: Published) -> Binding:
    values = [published.value(cell) for cell in cells]
    is_distance = len(cells) == 2 and not any(isinstance(value, str) for value in values)
    operation = "count" if cells[0].column == ROWS else "difference" if is_distance else "cell"
    # Of several rows of the same name, one is enough.
    held = cells[:1] if operation == "cell" else cells
    value = plain_value(OPERATIONS[operation](values))
    return Binding(shown, held, value, published.as_of, operation, "written", extra=(shown,))


def _printed(text: str, placed: Sequence[tuple[int, int, Binding]], published: Published) -> Document:
    parts, place = [], 0
    for start, end, binding in placed:
        parts += [text[place:start], binding.shown]
        place = end
    bindings = tuple(binding for _, _, binding in placed)
    return Document("".join([*parts, text[place:]]), bindings, published.as_of, published.generation)


def _uncheckable(text: str, known: str) -> Iterator[Problem]:
    """What the number check does not read, and so must not be there."""
    for pattern, why in _UNCHECKABLE:
        for match in pattern.finditer(text):
            yield Problem(match.start(), match[0], why)
    wanted = 1
    for match in _LIST_NUMBER.finditer(text):
        if int(match[1]) not in (1, wanted):
            yield Problem(match.start(1), match[0], "list items are numbered 1, 2, 3")
        wanted = int(match[1]) + 1
    read = [(claim.start, claim.end) for claim in number_claims(text)]
    read += [match.span() for match in _LIST_NUMBER.finditer(text)]
    for match in _DIGITS.finditer(text):
        digits = [match.start() + place for place, sign in enumerate(match[0]) if sign.isdigit()]
        is_read = all(any(start <= digit < end for start, end in read) for digit in digits)
        if not is_read and match[0].strip(".,;:!?") not in known:
            yield Problem(match.start(), match[0], "no such name was given")


def _labels(text: str, facts: Facts) -> Iterator[tuple[int, int, Cell | None, str | None]]:
    """Each status of a key result or goal in a text, with the cell that says so; null where none does."""
    taken = Text(text, Names(facts))
    statuses = facts.statuses
    for match in LABELS.finditer(taken.masked):
        line = text.rfind("\n", 0, match.start()) + 1
        if text.startswith("#", line) or _COUNTED.search(text[line : match.start()]):
            continue
        number = taken.sentence_of(match.start())
        start, end = taken.sentences[number]
        clauses = taken.clauses(number)
        clause = next((one for one in clauses if one.holds(match.start())), clauses[-1])
        spans = [(one.start, one.end) for one in clause.chain()] + [(start, end)]
        spans += [taken.sentences[before] for before in range(number - 1, -1, -1) if taken.sentences[before][0] >= line]
        for span in spans:
            named = sorted(subject for one in taken.mentioned(*span) for subject in one.subjects)
            held = [cell for subject in named for cell in statuses.get(subject, [])]
            if held:
                said = {STATUS_WORDS.get(str(facts.published.value(cell)), ""): cell for cell in held}
                yield match.start(), match.end(), said.get(match[0].lower()), " or ".join(sorted(said))
                break
