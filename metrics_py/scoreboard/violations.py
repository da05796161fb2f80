"""The integrity rules that were broken, each with its cases counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics_py.scoreboard import words
from metrics_py.scoreboard.rows import Violation


@dataclass(frozen=True)
class BrokenRule:
    """An integrity rule with the number of its violations."""

    severity: str
    sentence: str
    what_to_do: str
    count: int
    latest: str


def broken_rules(violations: Sequence[Violation]) -> Sequence[BrokenRule]:
    """The rules broken, errors before warnings, those broken most first."""
    by_rule: dict[str, list[Violation]] = {}
    for violation in violations:
        by_rule.setdefault(violation.rule_id, []).append(violation)
    ordered = sorted(by_rule.items(), key=lambda item: (item[1][0].severity != "error", -len(item[1]), item[0]))
    return [_broken_rule(cases) for _, cases in ordered]


def _broken_rule(cases: Sequence[Violation]) -> BrokenRule:
    latest = max(cases, key=lambda case: (case.happened_on, case.entity_id))
    entity = f"{latest.entity_type.replace('_', ' ')} {latest.entity_id}"
    return BrokenRule(
        severity=latest.severity,
        sentence=latest.sentence,
        what_to_do=latest.what_to_do,
        count=len(cases),
        latest=f"{words.day_text(latest.happened_on)}, {entity}: {latest.evidence}",
    )
