"""`metrics-py okr health`, `update`, `retro`, `next-targets`, `midpoint` and `check-document`: the documents."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.commands import Verbs, add_places, find_places, positive, verb
from metrics_py.errors import ConfigurationError

if TYPE_CHECKING:
    from metrics_py.reports.binding import Document
    from metrics_py.reports.key_results import Scope
    from metrics_py.reports.published import Published


def add_documents(group: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verbs of the documents in the group `okr`."""
    _document(
        group,
        "health",
        _health,
        "write the health assessment of each running key result",
        "metrics-py okr health",
        "metrics-py okr health --squad dispatch --out health.md",
    )
    update = _document(
        group,
        "update",
        _update,
        "write the weekly update, or the update for leadership in 360 to 440 words",
        "metrics-py okr update --weekly",
        "metrics-py okr update --leadership --level company --out leadership.md",
    )
    kind = update.add_mutually_exclusive_group(required=True)
    kind.add_argument("--weekly", action="store_true", help="what changed in a week and what each key result needs")
    kind.add_argument("--leadership", action="store_true", help="table, risks with plans, decisions and wins")
    _add_assist(update)
    retro = _document(
        group,
        "retro",
        _retro,
        "write the retrospective of a closed period, or search what was learned",
        "metrics-py okr retro --period 2025Q3",
        "metrics-py okr retro --search enablement            # learnings of all periods",
    )
    retro.add_argument("--period", metavar="NAME", help="a fiscal quarter like 2025Q3 or a half-year like 2025H2")
    retro.add_argument("--search", metavar="WORDS", help="only the learnings that hold these words")
    targets = _document(
        group,
        "next-targets",
        _next_targets,
        "propose the next targets, each term shown, and flag targets that nothing supports",
        "metrics-py okr next-targets",
        "metrics-py okr next-targets --period 2026Q1",
    )
    targets.add_argument("--period", metavar="NAME", help="the period they are for (default: the next fiscal quarter)")
    _document(
        group,
        "midpoint",
        _midpoint,
        "write the midpoint review: health, the most important key result, changes of target",
        "metrics-py okr midpoint --squad billing",
    )
    check = verb(
        group,
        "check-document",
        _check,
        "check that each number of a written document is still what is published",
        "metrics-py okr check-document leadership.md",
    )
    check.add_argument("file", type=Path, metavar="FILE", help="a document written with --out")
    add_places(check, "published")


def _add_assist(update: argparse.ArgumentParser) -> None:
    assist = update.add_argument_group(
        "in an assistant's words",
        "The computed update, without names of people and what they wrote, goes to an OpenAI-compatible endpoint; its "
        "answer is used only when every number in it is published. The key is read from METRICS_ASSIST_KEY.",
    )
    assist.add_argument("--assist", action="store_true", help="ask the endpoint; with --leadership (default: off)")
    assist.add_argument("--show-prompt", action="store_true", help="print the exact text that would be sent; send none")
    assist.add_argument("--assist-url", metavar="URL", help="its address (default: METRICS_ASSIST_URL)")
    assist.add_argument("--assist-model", metavar="NAME", help="its model (default: METRICS_ASSIST_MODEL)")
    assist.add_argument(
        "--assist-timeout",
        type=positive,
        default=60,
        metavar="SECONDS",
        help="longest wait (default: 60)",
    )


def _document(
    group: Verbs[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    summary: str,
    *examples: str,
) -> argparse.ArgumentParser:
    parser = verb(group, name, command, summary, *examples)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the Markdown file to write (default: standard output)"
    )
    parser.add_argument(
        "--level",
        action="append",
        choices=("company", "squad", "person"),
        help="whose key results; may be given more than once (default: company and squad)",
    )
    parser.add_argument("--squad", metavar="ID", help="only the key results of this squad")
    parser.add_argument("--owner", metavar="ID", help="only the key results of this owner")
    add_places(parser, "published")
    return parser


def _health(parsed: argparse.Namespace) -> int:
    from metrics_py.reports.health import health

    return _write(parsed, lambda published, scope: health(published, scope))


def _update(parsed: argparse.Namespace) -> int:
    from metrics_py.reports.leadership import leadership_update
    from metrics_py.reports.weekly import weekly_update

    if parsed.assist and not parsed.leadership:
        raise ConfigurationError("--assist writes the update for leadership; say: update --leadership --assist")
    if parsed.show_prompt and not parsed.assist:
        raise ConfigurationError("--show-prompt shows what --assist would send; say: --assist --show-prompt")
    if parsed.show_prompt:
        return _show_prompt(parsed)
    if parsed.assist:
        return _assisted(parsed)
    return _write(parsed, leadership_update if parsed.leadership else weekly_update)


def _show_prompt(parsed: argparse.Namespace) -> int:
    from metrics_py.assistant.drafting import prompt_of
    from metrics_py.reports.published import Published

    sys.stdout.write(prompt_of(Published(find_places(parsed).published), _scope(parsed)))
    return 0


def _assisted(parsed: argparse.Namespace) -> int:
    from metrics_py.assistant.drafting import assisted_update
    from metrics_py.assistant.endpoint import find_endpoint

    endpoint = find_endpoint(url=parsed.assist_url, model=parsed.assist_model, timeout=parsed.assist_timeout)

    def tell(sentence: str) -> None:
        print(f"metrics-py: {sentence}", file=sys.stderr)

    return _write(parsed, lambda published, scope: assisted_update(published, scope, endpoint, tell=tell))


def _retro(parsed: argparse.Namespace) -> int:
    from metrics_py.reports.key_results import find_period
    from metrics_py.reports.learnings import search_learnings
    from metrics_py.reports.retrospective import retrospective

    if parsed.search is not None:
        return _write(
            parsed,
            lambda published, scope: search_learnings(
                published, parsed.search, find_period(published, parsed.period).names if parsed.period else ()
            ),
        )
    if parsed.period is None:
        raise ConfigurationError(
            "say which period to look back on, such as --period 2025Q3, or what to search for with --search"
        )
    return _write(parsed, lambda published, scope: retrospective(published, parsed.period, scope))


def _next_targets(parsed: argparse.Namespace) -> int:
    from metrics_py.reports.next_targets import next_targets

    return _write(parsed, lambda published, scope: next_targets(published, parsed.period, scope))


def _midpoint(parsed: argparse.Namespace) -> int:
    from metrics_py.reports.midpoint import midpoint_review

    return _write(parsed, lambda published, scope: midpoint_review(published, scope))


def _check(parsed: argparse.Namespace) -> int:
    from metrics_py.reports.binding import read_document
    from metrics_py.reports.checking import check_document, describe, failures
    from metrics_py.reports.published import Published

    if not parsed.file.is_file():
        raise ConfigurationError(f"no file {parsed.file}; write one with: metrics-py okr health --out {parsed.file}")
    document = read_document(parsed.file.read_text(encoding="utf-8"))
    verdicts = check_document(document, Published(find_places(parsed).published))
    wrong = failures(verdicts)
    for verdict in wrong:
        print(describe(verdict, document.text))
    if not wrong:
        print(f"{parsed.file}: all {len(verdicts)} numbers are published as they stand there")
    return 1 if wrong else 0


def _write(parsed: argparse.Namespace, compose: Callable[[Published, Scope], Document]) -> int:
    from metrics_py.reports.composing import UnboundNumberError
    from metrics_py.reports.published import Published

    if parsed.out is not None and not parsed.out.parent.is_dir():
        raise ConfigurationError(f"cannot write {parsed.out}: there is no folder {parsed.out.parent}")
    try:
        document = compose(Published(find_places(parsed).published), _scope(parsed))
    except UnboundNumberError as error:
        print(f"metrics-py: {error}", file=sys.stderr)
        return 1
    if parsed.out is None:
        sys.stdout.write(document.with_appendix() if not sys.stdout.isatty() else document.text)
        return 0
    parsed.out.write_text(document.with_appendix(), encoding="utf-8")
    print(f"{parsed.out}: {len(document.bindings)} bound values", file=sys.stderr)
    return 0


def _scope(parsed: argparse.Namespace) -> Scope:
    from metrics_py.reports.key_results import Scope

    levels = tuple(parsed.level) if parsed.level else ("company", "squad")
    if parsed.owner and not parsed.level:
        levels = ("company", "squad", "person")
    return Scope(levels=levels, squad=parsed.squad, owner=parsed.owner)
