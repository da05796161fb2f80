"""Composing a document: a template filled in with bound values, tidied, and refused where a number is not bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from metrics_py.errors import UnusableInputError
from metrics_py.reports.binding import Binder, Document
from metrics_py.reports.checking import check_document, describe, failures
from metrics_py.reports.key_results import RED, KeyResult, by_status
from metrics_py.reports.phrases import Phrases


class UnboundNumberError(UnusableInputError):
    """A document holds a number that no published row stands behind."""


def compose(binder: Binder, template: str, **parts: Any) -> Document:
    """A template filled in, with everything in it bound and checked.

    Raises: UnboundNumberError naming each number that is not bound to a published row.
    """
    document = fill(binder, template, **parts)
    wrong = failures(check_document(document, binder.published))
    if wrong:
        lines = "\n".join(f"  {describe(verdict, document.text)}" for verdict in wrong)
        raise UnboundNumberError(
            f"the document was not written, because not each of its numbers is published:\n{lines}"
        )
    return document


def fill(binder: Binder, template: str, **parts: Any) -> Document:
    """A template filled in and tidied, not yet checked."""
    text = _environment().get_template(template).render(say=Phrases(binder), **parts)
    return binder.finish(tidy(text))


def tidy(text: str) -> str:
    """Markdown with one blank line between blocks and none inside lists and tables.

    Examples:
        >>> tidy("# A\\n\\n\\n\\n- one\\n\\n- two\\n ")
        '# A\\n\\n- one\\n- two\\n'
    """
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept: list[str] = []
    for place, line in enumerate(lines):
        if not line:
            following = next((later for later in lines[place + 1 :] if later), "")
            before = kept[-1] if kept else ""
            is_inside = any(before.startswith(sign) and following.startswith(sign) for sign in ("- ", "|"))
            if not before or is_inside:
                continue
        kept.append(line)
    return "\n".join(kept) + "\n"


def tally(binder: Binder, key_results: Sequence[KeyResult]) -> str:
    """How many key results there are and how many have each label, the weakest first."""
    all_of_them = binder.how_many([one.status for one in key_results], "key result is", "key results are")
    groups = by_status(key_results)
    if len(groups) == 1:
        only = binder.words(key_results[0].status, "status", "status_counted")
        return f"{all_of_them} running. {'It is' if len(key_results) == 1 else 'All are'} {only}."
    return f"{all_of_them} running: {counts(binder, key_results)}."


def counts(binder: Binder, key_results: Iterable[KeyResult]) -> str:
    """How many of some key results have each label, the weakest first."""
    return listed(
        f"{binder.how_many([one.status for one in group])} {binder.words(group[0].status, 'status', 'status_counted')}"
        for group in by_status(key_results).values()
    )


def two_sided(key_results: Iterable[KeyResult]) -> str:
    """The note that a table needs where a value meets its target and its label says otherwise; else empty."""
    if not any(one.meets_target and one.label in RED for one in key_results):
        return ""
    return (
        "A value can meet its target and the key result still be off track or missed: its goal asks for something "
        "beside it, and that is not met."
    )


def listed(items: Iterable[str]) -> str:
    """Items as a person lists them.

    Examples:
        >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
        ('a', 'a and b', 'a, b and c')
    """
    found = list(items)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


@cache
def _environment() -> Environment:
    def refuse_raw(value: Any) -> Any:
        if isinstance(value, str):
            return value
        raise TypeError(f"a template prints values through `say` and the binder only; found {value!r}")

    return Environment(
        loader=PackageLoader("metrics_py.reports"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=refuse_raw,
        autoescape=False,
    )
