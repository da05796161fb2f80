"""A proposal of objectives, key results, initiatives and metrics, each field with the line it stands in."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from metrics_py.okr.findings import Finding

NUMBERS = ("baseline", "target", "window_days", "minimum_exposure", "weight", "cadence_days", "measurement_lag_days")
DETAILS = ("unit", "direction", "goal_type", "population", "formula", *NUMBERS)
FIELDS = {
    "proposal": ("period", "objectives", "objective", "key_results", "initiatives", "metrics", "owner"),
    "objective": ("objective", "key_results", "owner"),
    "key result": ("key_result", "metric", "initiatives", "owner", *DETAILS),
    "initiative": ("initiative", "name", "owner", "launch_on"),
    "metric": ("metric", "metric_id", "name", "timing", "definition", *DETAILS),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as the registry defines it."""

    metric_id: str
    details: Mapping[str, Any]
    is_lagging: bool = False


@dataclass(frozen=True, slots=True)
class ProposedKeyResult:
    """A key result as proposed: its sentence, its line, the metric it names and its other fields."""

    text: str
    line: int
    metric: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    initiatives: tuple[str, ...] = ()
    period: str = ""


@dataclass(frozen=True, slots=True)
class ProposedObjective:
    """An objective as proposed, with its key results; `file` where it stands in another file than they do."""

    text: str
    line: int
    key_results: tuple[ProposedKeyResult, ...]
    file: str = ""


@dataclass(slots=True)
class Proposal:
    """What one file holds, and what could not be read in it."""

    file: str
    objectives: list[ProposedObjective] = field(default_factory=list)
    initiatives: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def refuse(self, line: int, message: str, rewrite: str = "", subject: str = "") -> None:
        """Note something that cannot be read."""
        self.findings.append(
            Finding(
                rule="unreadable",
                severity="error",
                subject=subject or self.file,
                message=message,
                rewrite=rewrite,
                file=self.file,
                line=line,
            )
        )


@dataclass(frozen=True, slots=True)
class Located:
    """A value and the line it starts in."""

    value: Any
    line: int


def key_result_of(item: Located, proposal: Proposal) -> ProposedKeyResult | None:
    """A key result from its sentence alone or from its fields; nothing where it has no sentence."""
    if not isinstance(item.value, dict):
        return ProposedKeyResult(text_of(item.value), item.line)
    held = (
        item.value
        if all(name in FIELDS["key result"] for name in item.value)
        else fields_of(item, "key result", proposal)
    )
    stated = held.get("key_result")
    if stated is None or not text_of(stated.value):
        proposal.refuse(item.line, "a key result has no sentence", "add: key_result: <one sentence>")
        return None
    text = text_of(stated.value)
    metric = held.get("metric")
    return ProposedKeyResult(
        text,
        stated.line,
        text_of(metric.value) if metric and metric.value is not None else None,
        _details(held, text, proposal),
        names_of(held.get("initiatives")),
    )


def add_metric(held: Mapping[str, Located], line: int, proposal: Proposal) -> None:
    """Add a metric of the registry; what it lacks is a finding."""
    name = held.get("metric") or held.get("metric_id")
    if name is None or not text_of(name.value):
        proposal.refuse(line, "a metric has no id", "add: metric: <its id>")
        return
    metric_id = text_of(name.value)
    timing = held.get("timing")
    if timing is not None and timing.value not in ("leading", "lagging"):
        proposal.refuse(timing.line, f"timing is leading or lagging; found {timing.value!r}", subject=metric_id)
    if metric_id in proposal.metrics:
        proposal.refuse(line, f"metric {metric_id} is defined twice", "keep one definition", metric_id)
    proposal.metrics[metric_id] = Metric(
        metric_id, _details(held, metric_id, proposal), timing is not None and timing.value == "lagging"
    )


_WORDS = {"direction": ("up", "down"), "goal_type": ("reach", "maintain")}


def _details(held: Mapping[str, Located], subject: str, proposal: Proposal) -> dict[str, Any]:
    details: dict[str, Any] = {}
    for name in DETAILS:
        found = held.get(name)
        if found is None or found.value is None or found.value == "":
            continue
        if name in NUMBERS:
            value = _number(found.value)
            if value is None:
                proposal.refuse(found.line, f"{name} must be a number; found {found.value!r}", subject=subject)
                continue
            details[name] = value
        elif name in _WORDS and text_of(found.value) not in _WORDS[name]:
            allowed = " or ".join(_WORDS[name])
            proposal.refuse(found.line, f"{name} must be {allowed}; found {found.value!r}", subject=subject)
        else:
            details[name] = text_of(found.value)
    return details


def fields_of(item: Located, kind: str, proposal: Proposal) -> dict[str, Located]:
    """The known fields of a mapping; unknown ones are findings."""
    if not isinstance(item.value, dict):
        proposal.refuse(item.line, f"a {kind} is a mapping; found {text_of(item.value)!r}")
        return {}
    names = [Located(name, value.line) for name, value in item.value.items()]
    note_unknown(names, FIELDS[kind], kind, proposal)
    return {name: value for name, value in item.value.items() if name in FIELDS[kind]}


def note_unknown(names: Iterable[Located], known: Iterable[str], kind: str, proposal: Proposal) -> None:
    """Note fields that nothing reads, with the one that was probably meant."""
    allowed = sorted(known)
    for name in names:
        if name.value in allowed:
            continue
        close = difflib.get_close_matches(str(name.value), allowed, 1)
        proposal.refuse(
            name.line,
            f"a {kind} has no field {name.value!r}",
            f"write {close[0]}" if close else f"use one of {', '.join(allowed)}",
        )


def items_of(held: Mapping[str, Located], name: str, proposal: Proposal) -> list[Located]:
    """The items of a list; none where it is missing."""
    found = held.get(name)
    if found is None or found.value is None:
        return []
    if not isinstance(found.value, list):
        proposal.refuse(found.line, f"{name} must be a list", "start each with a dash")
        return []
    return [item for item in found.value if item.value is not None]


def names_of(found: Located | None) -> tuple[str, ...]:
    """Names given as a list or between semicolons, each once."""
    if found is None or found.value is None:
        return ()
    parts = [item.value for item in found.value] if isinstance(found.value, list) else str(found.value).split(";")
    return tuple(dict.fromkeys(text for part in parts if (text := text_of(part))))


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(str(value).replace(",", "").rstrip("% "))
    except ValueError:
        return None


def text_of(value: Any) -> str:
    """A value as one line of text."""
    return "" if value is None else " ".join(str(value).split())
