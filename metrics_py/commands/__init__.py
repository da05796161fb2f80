"""What every command of `metrics-py` shares: how a verb is declared and the types of its arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metrics_py.pipeline import Places

Command = Callable[[argparse.Namespace], int]
Verbs = argparse._SubParsersAction  # argparse names the type of its groups nowhere else


def verb(
    verbs: Verbs[argparse.ArgumentParser],
    name: str,
    command: Command,
    summary: str,
    *examples: str,
) -> argparse.ArgumentParser:
    """Declare the verb `name` that runs `command`, with its examples in `--help`."""
    parser = verbs.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog="examples:\n" + "\n".join(f"  {example}" for example in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(command=command)
    return parser


def add_places(parser: argparse.ArgumentParser, *names: str) -> None:
    """Declare the options that name where a command reads and writes."""
    described = {
        "warehouse": ("FILE", "the DuckDB file (default: warehouse.duckdb of the project)"),
        "published": ("DIR", "the published snapshot (default: published/ of the project)"),
        "site": ("DIR", "the pages (default: site/ of the project)"),
    }
    parser.add_argument(
        "--project-dir", type=Path, metavar="DIR", help="folder of dbt_project.yml (default: here or above)"
    )
    for name in names:
        metavar, text = described[name]
        parser.add_argument(f"--{name}", type=Path, metavar=metavar, help=text)


def add_unit(parser: argparse.ArgumentParser) -> None:
    """Declare the options that name whose numbers are meant: a person's, a squad's or, by default, the company's."""
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--pm", metavar="EMAIL", help="of one product manager (default: the company)")
    whose.add_argument("--squad", metavar="SQUAD", help="of one squad")


def positive(text: str) -> int:
    """Type of an argument that is a whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more; found {text}")
    return number


def instant(text: str) -> datetime:
    """Type of an argument that is an instant: ISO text, in UTC where it names no zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an ISO time like 2025-10-15T06:00:00Z; found {text!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def find_places(parsed: argparse.Namespace, as_of: datetime | None = None) -> Places:
    """The usual places of the project, with those the user named put in."""
    from dataclasses import replace

    from metrics_py.pipeline import Places, find_project

    places = Places.of((parsed.project_dir or find_project()).resolve(), as_of)
    named = {name: getattr(parsed, name, None) for name in ("warehouse", "published", "site")}
    return replace(places, **{name: path.resolve() for name, path in named.items() if path is not None})
