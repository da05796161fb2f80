"""`metrics-py okr`: key results checked before they are agreed, and the metric sheet of a feature before its launch."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from metrics_py.commands import Verbs, add_places, find_places, verb
from metrics_py.commands.okr_documents import add_documents
from metrics_py.errors import ConfigurationError

if TYPE_CHECKING:
    from metrics_py.okr.findings import LintReport

FORMATS = ("text", "json", "sarif")


def add(verbs: Verbs[argparse.ArgumentParser]) -> None:
    """Declare the group and its verbs."""
    okr = verbs.add_parser(
        "okr",
        help="check key results and metric sheets, write the documents of their cycle",
        description="Key results from the first sentence to the next target.",
        epilog="examples:\n  metrics-py okr lint\n  metrics-py okr framework 'Carrier alerts'\n  metrics-py okr health",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = okr.add_subparsers(title="commands", metavar="COMMAND", required=True)

    lint = verb(
        group,
        "lint",
        _lint,
        "check objectives, key results and initiatives against the rules, each finding with a way to rewrite it",
        "metrics-py okr lint                                     # the project's own, in seeds/okr",
        "metrics-py okr lint proposals/2026q2.yml                # a proposal, YAML or CSV",
        "metrics-py okr lint proposals --registry metrics.csv    # a folder of them, with their metrics",
        "metrics-py okr lint --format sarif --out okr.sarif      # for the review of a pull request",
    )
    lint.add_argument(
        "path", type=Path, nargs="?", metavar="PATH", help="file or folder (default: seeds/okr of the project)"
    )
    lint.add_argument("--registry", type=Path, metavar="FILE", help="YAML or CSV of the metrics that may be named")
    _add_report_options(lint)
    add_places(lint)

    framework = verb(
        group,
        "framework",
        _framework,
        "show the three-tier metric sheet of a feature, checked",
        "metrics-py okr framework f000-00015",
        "metrics-py okr framework 'carrier al'    # any part of the name that only one feature has",
        "metrics-py okr framework f000-00015 --format json",
    )
    framework.add_argument("feature", metavar="FEATURE", help="its id, or a part of its name that only it has")
    _add_report_options(framework)
    add_places(framework, "published")

    add_documents(group)


def _add_report_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=FORMATS, default="text", help="how it is written (default: text)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it to a file and not to the terminal")


def _lint(parsed: argparse.Namespace) -> int:
    from metrics_py.okr.lint import lint_path

    path = parsed.path or _seeds(parsed) / "okr"
    report = lint_path(_short(path), registry=parsed.registry)
    _deliver(_written(report, parsed.format), parsed.out)
    return 1 if report.errors else 0


def _framework(parsed: argparse.Namespace) -> int:
    from metrics_py.okr.sheets import read_sheets, sheet_of

    place = _seeds(parsed) / "okr"
    sheet = sheet_of(parsed.feature, read_sheets(_short(place), find_places(parsed).published))
    text = sheet.to_text() if parsed.format == "text" else _written(sheet.report, parsed.format)
    _deliver(text, parsed.out)
    return 1 if sheet.report.errors else 0


def _seeds(parsed: argparse.Namespace) -> Path:
    return find_places(parsed).project / "seeds"


def _short(path: Path) -> Path:
    """The path from here where it lies below, since that is how a review names files."""
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path


def _written(report: LintReport, format_name: str) -> str:
    return {"text": report.to_text, "json": report.to_json, "sarif": report.to_sarif}[format_name]()


def _deliver(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"cannot write {out}: {error.strerror}; name a file in a folder that exists"
        ) from error
