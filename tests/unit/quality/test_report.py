"""What a check found, as text, JSON, JUnit XML and a page."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from metrics_py.errors import ConfigurationError
from metrics_py.quality.expectations import Outcome
from metrics_py.quality.page import check_page, write_page
from metrics_py.quality.report import CheckReport, Result
from metrics_py.quality.suites import Expectation, Severity, Suite


def result(name: str, *, holds: bool, severity: Severity = "error", observed: str = "3 of 10 rows") -> Result:
    expectation = Expectation(
        name, "ExpectColumnValuesToNotBeNull", {"column": "x"}, severity, f"Meaning of {name}.", "Mend it.", 5, 6
    )
    suite = Suite("notes", "raw", "Feedback notes.", "productboard.notes", None, ("id",), (expectation,), 1, 2)
    return Result(suite, expectation, Outcome(holds, observed, () if holds else ("id n-<1>: x empty",)))


@pytest.fixture
def report() -> CheckReport:
    results = (
        result("first", holds=True),
        result("second", holds=False, observed="<b>3</b> of 10 rows"),
        result("third", holds=False, severity="warn"),
    )
    return CheckReport({"raw": datetime(2026, 1, 31, 6, tzinfo=UTC)}, results)


def test_an_error_fails_the_check_and_a_warning_does_not(report: CheckReport) -> None:
    assert report.exit_code == 1
    assert CheckReport(report.as_of, (report.results[0], report.results[2])).exit_code == 0
    assert report.broken == {"second", "third"}
    assert report.tally == "3 expectations: 1 hold, 1 fail, 1 warning"


def test_the_text_says_what_it_means_what_was_found_and_what_to_do(report: CheckReport) -> None:
    text = report.to_plain_text()
    assert "fail second  raw.notes\n  Meaning of second.\n  Found: <b>3</b> of 10 rows\n    id n-<1>: x empty\n" in text
    assert "  Do: Mend it.\n" in text
    assert "Meaning of first." not in text
    assert text.endswith("3 expectations: 1 hold, 1 fail, 1 warning; raw as of 2026-01-31T06:00:00Z\n")


def test_the_json_holds_every_result(report: CheckReport) -> None:
    document = json.loads(report.to_json())
    assert (document["expectations"], document["failed"], document["warnings"]) == (3, 1, 1)
    assert [(r["name"], r["status"]) for r in document["results"]] == [
        ("first", "passed"),
        ("second", "failed"),
        ("third", "warned"),
    ]
    assert document["as_of"] == {"raw": "2026-01-31T06:00:00Z"}


def test_the_junit_has_a_failure_for_each_error_and_a_text_for_each_warning(report: CheckReport) -> None:
    top = ElementTree.fromstring(report.to_junit())
    cases = {case.attrib["name"]: case for case in top.iter("testcase")}
    assert top.attrib["failures"] == "1"
    assert list(cases) == ["first", "second", "third"]
    failure = cases["second"].find("failure")
    assert failure is not None
    assert "Do: Mend it." in str(failure.text)
    assert cases["third"].find("failure") is None
    assert str(cases["third"].findtext("system-out")).startswith("warning: Meaning of third.")


def test_junit_survives_control_characters() -> None:
    broken = CheckReport({}, (result("odd", holds=False, observed="value \x00\x1b[31m"),))
    ElementTree.fromstring(broken.to_junit())


def test_the_page_stands_alone_and_escapes_what_it_shows(report: CheckReport, tmp_path: Path) -> None:
    page = write_page(report, tmp_path / "deep" / "checks.html").read_text(encoding="utf-8")
    assert page == check_page(report)
    assert "<b>3</b> of 10" not in page
    assert "id n-&lt;1&gt;" in page
    assert "Can the data be trusted?" in page
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert "url(" not in page
    assert page.count("<main") == page.count("<h1") == 1
    assert "prefers-color-scheme:dark" in page


def test_a_page_that_cannot_be_written_is_told(report: CheckReport, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"cannot write .*; name another with --page"):
        write_page(report, tmp_path / "file" / "checks.html")
