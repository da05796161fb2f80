"""The result page: one static HTML file in the look of the scoreboard, without a script and without the network."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metrics_py.errors import ConfigurationError
from metrics_py.files import flush, replacing
from metrics_py.quality.report import CheckReport

# Which of the scoreboard's signs and colours stands for a status.
_MARKS = {"passed": "winning", "failed": "losing", "warned": "stale"}
_WORDS = {"passed": "Holds", "failed": "Fails", "warned": "Warning"}
_ANSWERS = {"failed": "No.", "warned": "Yes, but.", "passed": "Yes."}
_SIDES = {"raw": "Landed extracts", "published": "Published tables"}


def write_page(report: CheckReport, path: Path) -> Path:
    """Write the page of a report, replacing the file in one step.

    Raises: ConfigurationError when the file cannot be written.
    """
    try:
        with replacing(path) as beside:
            beside.write_text(check_page(report), encoding="utf-8")
            flush(beside)
    except OSError as error:
        raise ConfigurationError(f"cannot write {path} ({error.strerror}); name another with --page") from None
    return path


def check_page(report: CheckReport) -> str:
    """The page of a report as HTML."""
    loaders = ChoiceLoader([PackageLoader("metrics_py.quality"), PackageLoader("metrics_py.scoreboard")])
    environment = Environment(
        loader=loaders, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    suites = report.by_suite()
    statuses = {result.status for result in report.results}
    return environment.get_template("checks.html.j2").render(
        report=report,
        worst=next((status for status in _ANSWERS if status in statuses), "passed"),
        answers=_ANSWERS,
        marks=_MARKS,
        words=_WORDS,
        sides=[(name, _SIDES[name], [found for found in suites if found[0].side == name]) for name in report.as_of],
        style=Markup(_asset("metrics_py.scoreboard", "page.css") + _asset("metrics_py.quality", "checks.css")),
    )


def _asset(package: str, name: str) -> str:
    return (files(package) / "templates" / name).read_text(encoding="utf-8").strip()
