"""The suites as people write them: one YAML file, every mistake in it refused with its line and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from metrics_py.errors import ConfigurationError
from metrics_py.quality.lines import Lines, read_lines
from metrics_py.quality.tables import SIDES, Side

Severity: TypeAlias = Literal["error", "warn"]

_TOP = {"macros": False, "suites": True}
_SUITE = {"suite": True, "side": True, "about": True, "table": False, "sql": False, "rows": False, "expectations": True}
_EXPECTATION = {
    "name": True,
    "expect": True,
    "with": False,
    "severity": False,
    "meaning": True,
    "what_to_do": True,
}


@dataclass(frozen=True)
class Expectation:
    """One expectation: what must hold of a frame, what that means, and what to do when it does not."""

    name: str
    kind: str
    """Name of a Great Expectations class, e.g. `ExpectColumnValuesToBeBetween`."""
    arguments: Mapping[str, Any]
    severity: Severity
    meaning: str
    what_to_do: str
    line: int
    arguments_line: int


@dataclass(frozen=True)
class Suite:
    """Expectations on one frame: a table by its label, or the rows of a query."""

    name: str
    side: Side
    about: str
    table: str | None
    sql: str | None
    rows: tuple[str, ...]
    """Columns that name a row in the results."""
    expectations: tuple[Expectation, ...]
    line: int
    frame_line: int


@dataclass(frozen=True)
class SuiteFile:
    """All suites of a file, and the Jinja macros their queries share."""

    path: Path
    macros: str
    suites: tuple[Suite, ...]

    def side(self, side: Side) -> tuple[Suite, ...]:
        """The suites of one side."""
        return tuple(suite for suite in self.suites if suite.side == side)


def read_suites(path: Path) -> SuiteFile:
    """Suites of a file, checked for form; `Checker` checks what they name.

    Raises: ConfigurationError that lists every mistake with file, line and the way out.
    """
    reader = _Reader(path)
    found = reader.read()
    if reader.mistakes:
        raise mistakes_error(path, reader.mistakes)
    return found


def mistakes_error(path: Path, mistakes: Iterable[tuple[int, str]]) -> ConfigurationError:
    """One error for all the mistakes of a file, in the order of their lines."""
    listed = sorted(set(mistakes))
    return ConfigurationError("\n".join(f"{path}:{line}: {text}" for line, text in listed))


def nearest(name: str, known: Iterable[str]) -> str:
    """What a misspelt name was meant to be, else the names there are.

    Examples:
        >>> nearest("fct_insight", ["fct_insights", "dim_dates"])
        'did you mean fct_insights?'
        >>> nearest("x", ["fct_insights", "dim_dates"])
        'known are dim_dates, fct_insights'
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(names)}"


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: dict[str, int] = {}
        self.mistakes: list[tuple[int, str]] = []

    def read(self) -> SuiteFile:
        content = read_lines(self._path)
        if not isinstance(content, Lines):
            raise mistakes_error(self._path, [(1, "the file is not a mapping; start with: suites:")])
        self._fields(content, _TOP, "the file")
        listed = self._list(content, "suites")
        suites = tuple(suite for entry in listed if (suite := self._suite(entry)) is not None)
        return SuiteFile(self._path, str(content.get("macros") or ""), suites)

    def _suite(self, entry: Lines) -> Suite | None:
        if not self._fields(entry, _SUITE, "a suite"):
            return None
        name = str(entry["suite"])
        self._unique(name, entry.at("suite"))
        side = entry["side"]
        if side not in SIDES:
            self.mistakes.append((entry.at("side"), f"side is {side!r}; allowed are {' and '.join(SIDES)}"))
            return None
        if ("table" in entry) == ("sql" in entry):
            self.mistakes.append((entry.line, f"suite {name} needs either table or sql; give one of them"))
            return None
        rows = entry.get("rows") or []
        if not isinstance(rows, list):
            self.mistakes.append((entry.at("rows"), "rows is a list of columns, e.g. [response_id]"))
            return None
        expectations = [self._expectation(item) for item in self._list(entry, "expectations")]
        return Suite(
            name=name,
            side=side,
            about=_text(entry["about"]),
            table=entry.get("table"),
            sql=entry.get("sql"),
            rows=tuple(map(str, rows)),
            expectations=tuple(found for found in expectations if found),
            line=entry.line,
            frame_line=entry.at("table" if "table" in entry else "sql"),
        )

    def _expectation(self, entry: Lines) -> Expectation | None:
        if not self._fields(entry, _EXPECTATION, "an expectation"):
            return None
        name = str(entry["name"])
        self._unique(name, entry.at("name"))
        severity = entry.get("severity", "error")
        if severity not in ("error", "warn"):
            self.mistakes.append((entry.at("severity"), f"severity is {severity!r}; allowed are error and warn"))
            return None
        arguments = entry.get("with") or {}
        if not isinstance(arguments, dict):
            self.mistakes.append((entry.at("with"), "with is a mapping of arguments, e.g. {column: score}"))
            return None
        return Expectation(
            name=name,
            kind=str(entry["expect"]),
            arguments=dict(arguments),
            severity=cast(Severity, severity),
            meaning=_text(entry["meaning"]),
            what_to_do=_text(entry["what_to_do"]),
            line=entry.at("expect"),
            arguments_line=entry.at("with"),
        )

    def _fields(self, entry: Lines, known: Mapping[str, bool], what: str) -> bool:
        unknown = [name for name in entry if name not in known]
        missing = [name for name, is_needed in known.items() if is_needed and not entry.get(name)]
        self.mistakes += [(entry.at(name), f"{what} has no field {name}; {nearest(name, known)}") for name in unknown]
        self.mistakes += [(entry.line, f"{what} needs the field {name}; add it") for name in missing]
        return not missing

    def _list(self, entry: Lines, field: str) -> list[Lines]:
        listed = entry.get(field)
        items = listed if isinstance(listed, list) else []
        if not items or not all(isinstance(item, Lines) for item in items):
            self.mistakes.append((entry.at(field), f"{field} is a list of mappings; start each with a dash"))
            return []
        return items

    def _unique(self, name: str, line: int) -> None:
        if name in self._names:
            self.mistakes.append((line, f"{name} is the name in line {self._names[name]}, too; give it another"))
        self._names.setdefault(name, line)


def _text(value: Any) -> str:
    return " ".join(str(value).split())
