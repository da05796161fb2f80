"""What a check found, in the forms people and programs read: text, JSON and JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from metrics_py.quality.expectations import Outcome
from metrics_py.quality.suites import Expectation, Suite
from metrics_py.quality.tables import Side

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True)
class Result:
    """One expectation and what became of it."""

    suite: Suite
    expectation: Expectation
    outcome: Outcome

    @property
    def status(self) -> str:
        """`passed`, `failed`, or `warned` for one that does not hold and is only a warning."""
        if self.outcome.holds:
            return "passed"
        return "failed" if self.expectation.severity == "error" else "warned"


@dataclass(frozen=True)
class CheckReport:
    """Every result, in the order of the suites, and the instant each side was looked at from."""

    as_of: Mapping[Side, datetime]
    results: tuple[Result, ...]

    def __add__(self, other: CheckReport) -> CheckReport:
        return CheckReport({**self.as_of, **other.as_of}, (*self.results, *other.results))

    @property
    def exit_code(self) -> int:
        """0 when everything holds but warnings, else 1."""
        return 1 if self.failed else 0

    @property
    def failed(self) -> tuple[Result, ...]:
        """What does not hold and must."""
        return tuple(result for result in self.results if result.status == "failed")

    @property
    def warned(self) -> tuple[Result, ...]:
        """What does not hold and should."""
        return tuple(result for result in self.results if result.status == "warned")

    @property
    def broken(self) -> set[str]:
        """Names of the expectations that do not hold."""
        return {result.expectation.name for result in (*self.failed, *self.warned)}

    @property
    def tally(self) -> str:
        """The counts in words.

        Examples:
            >>> CheckReport({}, ()).tally
            '0 expectations: 0 hold, 0 fail, 0 warnings'
        """
        held = len(self.results) - len(self.failed) - len(self.warned)
        warnings = f"{len(self.warned)} warning{'' if len(self.warned) == 1 else 's'}"
        return f"{len(self.results)} expectations: {held} hold, {len(self.failed)} fail, {warnings}"

    def to_text(self) -> RenderableType:
        """A table with a row per suite and, below, each expectation that does not hold with what to do."""
        from rich.console import Group
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("", "side", "suite"):
            table.add_column(heading)
        table.add_column("hold", justify="right")
        table.add_column("fail", justify="right")
        table.add_column("warn", justify="right")
        for suite, results in self.by_suite():
            statuses = [result.status for result in results]
            worst = next(status for status in _WORDS if status in statuses)
            word, colour = _WORDS[worst]
            counts = (str(statuses.count(status)) for status in ("passed", "failed", "warned"))
            table.add_row(Text(word, style=colour), suite.side, suite.name, *counts)
        found = [_finding(result) for result in (*self.failed, *self.warned)]
        looked = ", ".join(f"{side} as of {_instant(moment)}" for side, moment in self.as_of.items())
        closing = Text(f"{self.tally}; {looked}", style="bold")
        return Group(table, *(Padding(block, (1, 0, 0, 0)) for block in found), "", closing)

    def to_plain_text(self) -> str:
        """The same as it looks in a file: no colours, no line breaks but its own."""
        from io import StringIO

        from rich.console import Console

        console = Console(file=StringIO(), width=160, color_system=None, highlight=False, soft_wrap=True)
        with console.capture() as captured:
            console.print(self.to_text())
        return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"

    def to_json(self) -> str:
        """Counts and every result as one JSON object."""
        document = {
            "as_of": {side: _instant(moment) for side, moment in self.as_of.items()},
            "expectations": len(self.results),
            "failed": len(self.failed),
            "warnings": len(self.warned),
            "results": [_as_dict(result) for result in self.results],
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def to_junit(self) -> str:
        """JUnit XML: a test suite per suite, a test case per expectation; a warning passes, with its text as output."""
        top = ElementTree.Element("testsuites", name="metrics-py check", tests=str(len(self.results)))
        top.set("failures", str(len(self.failed)))
        for suite, results in self.by_suite():
            failures = sum(result.status == "failed" for result in results)
            group = ElementTree.SubElement(top, "testsuite", name=f"{suite.side}.{suite.name}")
            group.set("tests", str(len(results)))
            group.set("failures", str(failures))
            for result in results:
                case = ElementTree.SubElement(group, "testcase", classname=f"{suite.side}.{suite.name}")
                case.set("name", result.expectation.name)
                if result.status == "failed":
                    failure = ElementTree.SubElement(case, "failure", message=_clean(result.outcome.observed))
                    failure.text = _clean(_plain(result))
                elif result.status == "warned":
                    ElementTree.SubElement(case, "system-out").text = _clean(f"warning: {_plain(result)}")
        ElementTree.indent(top)
        return ElementTree.tostring(top, encoding="unicode", xml_declaration=True) + "\n"

    def by_suite(self) -> list[tuple[Suite, list[Result]]]:
        """The results of each suite, in order."""
        return [(group[0].suite, group) for _, found in groupby(self.results, _suite_name) if (group := list(found))]


# What a status is called and its colour on a terminal, the worst first.
_WORDS = {"failed": ("fail", "red"), "warned": ("warn", "yellow"), "passed": ("ok", "green")}


def _suite_name(result: Result) -> str:
    return result.suite.name


def _finding(result: Result) -> RenderableType:
    from rich.text import Text

    word, colour = _WORDS[result.status]
    named = Text.assemble(
        (f"{word} ", f"bold {colour}"),
        (result.expectation.name, "bold"),
        f"  {result.suite.side}.{result.suite.name}",
    )
    lines = [result.expectation.meaning, f"Found: {result.outcome.observed}"]
    lines += [f"  {example}" for example in result.outcome.examples]
    lines.append(f"Do: {result.expectation.what_to_do}")
    return Text("\n").join([named, *(Text(f"  {line}") for line in lines)])


def _plain(result: Result) -> str:
    lines = [result.expectation.meaning, f"Found: {result.outcome.observed}", *result.outcome.examples]
    return "\n".join([*lines, f"Do: {result.expectation.what_to_do}"])


def _as_dict(result: Result) -> dict[str, Any]:
    return {
        "side": result.suite.side,
        "suite": result.suite.name,
        "name": result.expectation.name,
        "status": result.status,
        "severity": result.expectation.severity,
        "expectation": result.expectation.kind,
        "arguments": dict(result.expectation.arguments),
        "meaning": result.expectation.meaning,
        "what_to_do": result.expectation.what_to_do,
        "observed": result.outcome.observed,
        "examples": list(result.outcome.examples),
    }


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _clean(text: str) -> str:
    """Text without the control characters that XML cannot carry."""
    return "".join(character if character >= " " or character in "\n\t" else "�" for character in text)
