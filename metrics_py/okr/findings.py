"""What a check found: each finding with its rule, the words that triggered it and a rewrite, in three formats.

Text is for people, JSON for programs, SARIF 2.1.0 (OASIS) for pull requests, which show each finding in its line.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A rule with its severity and its sentence."""

    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that breaks one rule."""

    rule: str
    severity: Severity
    subject: str
    message: str
    words: tuple[str, ...] = ()
    rewrite: str = ""
    file: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class KeyResultClass:
    """What a key result was taken for: outcome, output or ambiguous; lagging or not; and the words that decided it."""

    text: str
    kind: str
    is_lagging: bool
    words: tuple[str, ...]
    file: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class LintReport:
    """Every finding, in the order of files and lines, and how each key result was classed."""

    rules: Mapping[str, CheckRule]
    findings: tuple[Finding, ...] = ()
    classes: tuple[KeyResultClass, ...] = ()
    files: tuple[str, ...] = field(default_factory=tuple)

    @property
    def errors(self) -> int:
        """How many findings are errors; the command exits with 1 when there is one."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(finding.severity == "warning" for finding in self.findings)

    def rules_broken(self, subject: str | None = None) -> set[str]:
        """Ids of the rules that were broken, by one subject or by any."""
        return {finding.rule for finding in self.findings if subject in (None, finding.subject)}

    def to_text(self) -> str:
        """The findings for a person: where, what, which words, how to rewrite it; the counts last."""
        lines = []
        for finding in self.findings:
            place = f"{finding.file}:{finding.line}: " if finding.file else ""
            lines.append(f"{place}{finding.severity} {finding.rule}: {finding.message}")
            lines.append(f"    in: {finding.subject}")
            if finding.words:
                lines.append(f"    words: {', '.join(finding.words)}")
            if finding.rewrite:
                lines.append(f"    rewrite: {finding.rewrite}")
        for classed in self.classes:
            lagging = ", lagging" if classed.is_lagging else ""
            why = f" ({', '.join(classed.words)})" if classed.words else ""
            lines.append(f"{classed.text}: {classed.kind}{lagging}{why}")
        lines.append(f"{_counted(self.errors, 'error')}, {_counted(self.warnings, 'warning')}")
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The findings, classes and counts as one JSON object."""
        return _dumped(
            {
                "errors": self.errors,
                "warnings": self.warnings,
                "files": list(self.files),
                "findings": [asdict(finding) for finding in self.findings],
                "key_results": [asdict(classed) for classed in self.classes],
            }
        )

    def to_sarif(self) -> str:
        """The findings as SARIF 2.1.0, one result each, for code review."""
        ids = list(self.rules)
        described = [
            {
                "id": name,
                "shortDescription": {"text": rule.sentence},
                "defaultConfiguration": {"level": rule.severity},
            }
            for name, rule in self.rules.items()
        ]
        driver = {"name": "metrics-py okr lint", "rules": described}
        results = [_sarif_result(finding, ids.index(finding.rule)) for finding in self.findings]
        run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
        return _dumped({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings by file and line, errors first where they share one, each once."""
    place = {"error": 0, "warning": 1}
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda finding: (finding.file, finding.line, place[finding.severity], finding.rule)))


def _sarif_result(finding: Finding, rule_index: int) -> dict[str, Any]:
    parts = [f"{finding.message}."]
    if finding.words:
        parts.append(f"Words: {', '.join(finding.words)}.")
    if finding.rewrite:
        parts.append(f"Rewrite: {finding.rewrite}.")
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.severity,
        "message": {"text": " ".join(parts)},
    }
    if finding.file:
        place = {"artifactLocation": {"uri": quote(finding.file)}, "region": {"startLine": finding.line}}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _dumped(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
