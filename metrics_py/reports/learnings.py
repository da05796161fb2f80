"""What was learned, kept across periods and found again by its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

from metrics_py.errors import UnusableInputError
from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.claims import number_claims
from metrics_py.reports.composing import compose
from metrics_py.reports.forms import clean
from metrics_py.reports.published import Published, Row

_SEARCHED = ("learned", "evidence", "tags", "period", "key_result_id", "initiative_id", "written_by")


def search_learnings(published: Published, words: str, periods: Collection[str] = ()) -> Document:
    """The learnings that hold every one of some words, newest period first, without regard to case or accents.

    Args:
        published: the snapshot.
        words: looked for in what was learned, its evidence, tags, period, key result, initiative and author.
        periods: only these; none for all.
    Raises: UnusableInputError when none holds them; WarehouseError when learnings are not published.
    """
    binder = Binder(published)
    wanted = _folded(words).split()
    if not wanted:
        raise UnusableInputError("say what to search for, such as: metrics-py okr retro --search enablement")
    rows = _rows(published, periods)
    found = [row for row in rows if all(word in _text(row) for word in wanted)]
    if not found:
        raise UnusableInputError(
            f"no learning holds {words!r}; {len(rows)} are kept"
            + (f", of {', '.join(sorted({row['period'] for row in rows}))}" if rows else "")
            + ". Try fewer or other words"
        )
    title = "Learnings" if number_claims(words) else f"Learnings with “{clean(words)}”"
    return compose(binder, "learnings.md.j2", title=title, lines=[learning_line(binder, row) for row in found])


def learning_lines(binder: Binder, periods: Collection[str]) -> list[str]:
    """The learnings of some periods, each with its evidence and author."""
    return [learning_line(binder, row, has_period=False) for row in _rows(binder.published, periods)]


def learning_line(binder: Binder, row: Row, *, has_period: bool = True) -> str:
    """A learning with its evidence, its author and, where wanted, its period."""
    people = {person["person_id"]: person for person in binder.published.rows("dim_people", by=["person_id"])}
    said = [binder.words(row, "learned", "sentence")]
    if row["evidence"]:
        said.append(f"Evidence: {binder.words(row, 'evidence', 'clause')}.")
    author = people.get(row["written_by"])
    by = (
        binder.words(author, "display_name") if author else binder.words(row, "written_by") if row["written_by"] else ""
    )
    period = binder.words(row, "period", "period") if has_period else ""
    source = ", ".join(part for part in (by, period) if part)
    return " ".join(said) + (f" ({source})" if source else "")


def _rows(published: Published, periods: Collection[str]) -> Sequence[Row]:
    rows = published.rows("learnings", by=["learning_id"])
    kept = [row for row in rows if not periods or row["period"] in periods]
    return sorted(sorted(kept, key=lambda row: row["learning_id"]), key=lambda row: row["period"], reverse=True)


def _text(row: Row) -> str:
    return _folded(" ".join(str(row.get(column) or "") for column in _SEARCHED))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
