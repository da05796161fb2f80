"""`metrics-py check`: data quality of the landed extracts and the published tables."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.commands import Verbs, add_places, find_places, instant, verb
from metrics_py.errors import ConfigurationError

if TYPE_CHECKING:
    from metrics_py.pipeline import Places
    from metrics_py.quality import CheckReport
    from metrics_py.quality.tables import Side


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    check = verb(
        verbs,
        "check",
        _check,
        "check the landed extracts, the published tables, or both, against the suites of expectations",
        "metrics-py check                                   # both; the page is site/checks.html",
        "metrics-py check raw                               # before a build: is what landed fit to build from?",
        "metrics-py check published --format junit --out checks.xml",
        "metrics-py check raw --as-of 2026-02-09T06:00:00Z  # is anything late by then?",
        "metrics-py check --list                            # what is expected, and that the suites can be read",
    )
    check.add_argument("side", nargs="?", choices=("raw", "published"), help="what to check (default: both)")
    check.add_argument(
        "--suites", type=Path, metavar="FILE", help="the suites (default: quality/suites.yml of the project)"
    )
    check.add_argument(
        "--as-of",
        type=instant,
        metavar="TIME",
        help="count ages and weeks back from here (default: newest extract; the snapshot's own instant)",
    )
    check.add_argument("--format", choices=("text", "json", "junit"), default="text", help="form of the results")
    check.add_argument("--out", type=Path, metavar="FILE", help="write the results there (default: standard output)")
    page = check.add_mutually_exclusive_group()
    page.add_argument("--page", type=Path, metavar="FILE", help="the result page (default: checks.html in the site)")
    page.add_argument("--no-page", action="store_true", help="draw no page")
    check.add_argument("--list", action="store_true", help="say what is expected and check nothing but the suites")
    add_places(check, "warehouse", "published", "site")


def _check(parsed: argparse.Namespace) -> int:
    from metrics_py.console import output, progress
    from metrics_py.quality.tables import SIDES

    places = find_places(parsed)
    sides: tuple[Side, ...] = (parsed.side,) if parsed.side else SIDES
    suites = (parsed.suites or _suites(places)).resolve()
    try:
        if parsed.list:
            return _list(sides, suites, places.project)
        from metrics_py.quality import check

        with progress("Checking") as step:
            report = check(
                sides,
                suites=suites,
                project=places.project,
                warehouse=places.warehouse,
                published=places.published,
                as_of=parsed.as_of,
                progress=step,
            )
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "great_expectations":
            raise
        raise ConfigurationError(
            "checks need Great Expectations; install it: pip install 'metrics-py[quality]'"
        ) from None
    _write(report, parsed.format, parsed.out)
    if not parsed.no_page:
        from metrics_py.quality.page import write_page

        page = write_page(report, (parsed.page or places.site / "checks.html").resolve())
        if parsed.format == "text" and parsed.out is None:
            output().print(f"The page: {page}")
    return report.exit_code


def _suites(places: Places) -> Path:
    return places.project / "quality" / "suites.yml"


def _list(sides: tuple[Side, ...], suites: Path, project: Path) -> int:
    from rich.text import Text

    from metrics_py.console import output
    from metrics_py.quality.runner import Checker

    checker = Checker.load(suites, project, sides)
    console = output()
    for side in sides:
        for suite in checker.file.side(side):
            console.print(Text.assemble((f"{side}.{suite.name}", "bold"), f"  {suite.about}"))
            for expectation in suite.expectations:
                note = " (warning)" if expectation.severity == "warn" else ""
                console.print(Text.assemble((f"  {expectation.name}", "cyan"), f"{note}: {expectation.meaning}"))
    return 0


def _write(report: CheckReport, form: str, out: Path | None) -> None:
    from metrics_py.console import output

    if form == "text" and out is None:
        output().print(report.to_text())
        return
    text = {"text": report.to_plain_text, "json": report.to_json, "junit": report.to_junit}[form]()
    if out is None:
        print(text, end="")
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {out} ({error.strerror}); name another file with --out") from None
