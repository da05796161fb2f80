"""Objectives and key results checked before they are agreed: each rule with its words and a way to rewrite them.

A proposal is YAML, or a CSV with one row per key result:

    objectives:
      - objective: Enterprise admins set up their company without our help
        key_results:
          - key_result: Raise 30-day activation from 58% to 72%
            metric: activation_30d
            initiatives: [guided-setup]

What the rules ask is METRICS.md, Lint. They look at words, so they can be wrong: each finding names the words that
triggered it, and only what breaks the definition is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from metrics_py.errors import ConfigurationError, UnusableInputError
from metrics_py.okr import _words as words
from metrics_py.okr._kept_files import is_kept, read_kept
from metrics_py.okr._lint_key_results import is_lagging, key_result_findings, plain
from metrics_py.okr._lint_rules import FEWEST_KEY_RESULTS, MOST_KEY_RESULTS, RULES, finding
from metrics_py.okr._proposal import Metric, Proposal, ProposedKeyResult, ProposedObjective
from metrics_py.okr._proposal_files import read_proposal
from metrics_py.okr.findings import Finding, KeyResultClass, LintReport, ordered
from metrics_py.okr.formula import are_redundant, read_formula

REGISTRY = "key_result_metrics.csv"
"""The registry of metrics beside a project's key results."""


def lint_path(path: str | Path, *, registry: str | Path | None = None) -> LintReport:
    """Findings in a proposal, in every YAML and CSV file below a folder, or in the key results a project keeps.

    Args:
        path: a file or a folder; one with a key_results.csv is a project's own. A CSV without a column `objective` is
            read as metrics of the registry.
        registry: another file of metrics, YAML (`metrics:`) or CSV; those in the proposals come on top. Without any
            metric anywhere the names of metrics are not checked.
    Returns: a report in the order of files and lines; broken files are findings in it.
    Raises: ConfigurationError when a path does not exist or holds no proposal.
    """
    place = Path(path)
    if is_kept(place):
        return _lint_kept(place, registry)
    if place.is_dir():
        suffixes = {".yml", ".yaml", ".csv"}
        files = sorted(found for found in place.rglob("*") if found.suffix.lower() in suffixes and found.is_file())
    else:
        files = [place]
    if not files or not all(file.is_file() for file in files):
        raise ConfigurationError(f"no proposal at {place}; give a YAML or CSV file, or a folder that holds some")
    proposals = [read_proposal(file) for file in files]
    metrics: dict[str, Metric] = {}
    if registry is not None:
        if not Path(registry).is_file():
            raise ConfigurationError(f"no registry at {registry}; give a YAML or CSV file of metrics")
        held = read_proposal(Path(registry))
        proposals.append(Proposal(held.file, findings=held.findings))
        metrics |= held.metrics
    for proposal in proposals:
        metrics |= proposal.metrics
    return lint(proposals, metrics)


def _lint_kept(folder: Path, registry: str | Path | None) -> LintReport:
    held = Path(registry) if registry is not None else folder / REGISTRY
    proposals = read_kept(folder)
    if not held.is_file():
        if registry is not None:
            raise ConfigurationError(f"no registry at {held}; give a YAML or CSV file of metrics")
        return lint(proposals, {})
    metrics = read_proposal(held)
    return lint([*proposals, Proposal(metrics.file, findings=metrics.findings)], metrics.metrics)


def lint(proposals: Sequence[Proposal], metrics: Mapping[str, Metric]) -> LintReport:
    """Findings in proposals that have been read, against a registry of metrics."""
    findings: list[Finding] = []
    classes = []
    for proposal in proposals:
        findings += (_placed(found, proposal) for found in proposal.findings)
        for objective in proposal.objectives:
            findings += (replace(found, file=objective.file or proposal.file) for found in _objective(objective))
            findings += (_placed(found, proposal) for found in _redundant(objective, metrics))
            classed = [_classed(key_result, metrics, proposal.file) for key_result in objective.key_results]
            classes += classed
            found_in = [
                list(key_result_findings(key_result, metrics.get(key_result.metric or ""), bool(metrics)))
                for key_result in objective.key_results
            ]
            has_leading = any(
                kind.kind == "outcome" and not kind.is_lagging and all(found.severity != "error" for found in held)
                for kind, held in zip(classed, found_in, strict=True)
            )
            findings += (
                _placed(found, proposal)
                for held in found_in
                for found in held
                if not (has_leading and found.rule == "key-result-lagging")
            )
    findings += _orphans(proposals)
    return LintReport(RULES, ordered(findings), tuple(classes), tuple(proposal.file for proposal in proposals))


def _classed(key_result: ProposedKeyResult, metrics: Mapping[str, Metric], file: str) -> KeyResultClass:
    kind, deciding = words.classify(key_result.text)
    lags = kind != "output" and is_lagging(key_result, metrics.get(key_result.metric or ""))
    return KeyResultClass(key_result.text, kind, lags, deciding, file, key_result.line)


def _objective(objective: ProposedObjective) -> Iterator[Finding]:
    text, line = objective.text, objective.line
    if vague := words.vague_words(text):
        yield finding(
            "objective-vague",
            text,
            line,
            f"{' '.join(vague)} could mean anything, so that nobody can tell when it is reached",
            vague,
            "say what these people will be able to do, or no longer have to do, when it is reached",
        )
    if numbers := words.metric_words(text):
        yield finding(
            "objective-metric",
            text,
            line,
            "it holds a metric or a number",
            numbers,
            "keep the change in the objective and move the number to a key result",
        )
    if tasks := words.task_words(text):
        yield finding(
            "objective-task-list",
            text,
            line,
            "it lists things to make",
            tasks,
            "say what these things are for; they are its initiatives",
        )
    elif not words.is_directional(text):
        yield finding(
            "objective-no-direction",
            text,
            line,
            "it does not say which way things should move",
            (),
            "add what becomes easier, faster, safer or no longer necessary",
        )
    count = len(objective.key_results)
    if not FEWEST_KEY_RESULTS <= count <= MOST_KEY_RESULTS:
        yield finding(
            "key-result-count",
            text,
            line,
            f"it has {count} key results; {FEWEST_KEY_RESULTS} to {MOST_KEY_RESULTS} are allowed",
            (),
            "add what else would show that it is reached" if count < FEWEST_KEY_RESULTS else "keep the telling ones",
        )


def _redundant(objective: ProposedObjective, metrics: Mapping[str, Metric]) -> Iterator[Finding]:
    for one, other in combinations(objective.key_results, 2):
        why = _same(one, other, metrics)
        if why:
            yield finding(
                "key-result-redundant",
                other.text,
                other.line,
                f"it says the same as {one.text!r}: {why}",
                (),
                "keep the one closer to what people do, and use the place for another side of the objective",
            )


def _same(one: ProposedKeyResult, other: ProposedKeyResult, metrics: Mapping[str, Metric]) -> str | None:
    if one.period != other.period:
        return None
    if one.metric is not None and one.metric == other.metric:
        populations = {plain(key_result.details.get("population", "")) for key_result in (one, other)}
        return f"both are {one.metric}" if len(populations) == 1 else None
    formulas = []
    for key_result in (one, other):
        metric = metrics.get(key_result.metric or "")
        stated = key_result.details.get("formula") or (metric.details.get("formula") if metric else None)
        try:
            formulas.append(read_formula(str(stated)) if stated else None)
        except UnusableInputError:
            formulas.append(None)
    first, second = formulas
    if first is not None and second is not None and are_redundant(first, second):
        return f"{first.text} and {second.text} move together by definition"
    left, right = words.significant(one.text), words.significant(other.text)
    if len(left | right) > 1 and len(left & right) / len(left | right) >= 0.75:
        return f"both speak of {', '.join(sorted(left & right))}"
    return None


def _orphans(proposals: Sequence[Proposal]) -> Iterator[Finding]:
    linked = {
        name
        for proposal in proposals
        for objective in proposal.objectives
        for key_result in objective.key_results
        for name in key_result.initiatives
    }
    for proposal in proposals:
        for name, line in proposal.initiatives.items():
            if name not in linked:
                found = finding(
                    "initiative-orphan",
                    name,
                    line,
                    "no key result names it among its initiatives",
                    (),
                    "link it to what it should move, or stop it",
                )
                yield _placed(found, proposal)


def _placed(found: Finding, proposal: Proposal) -> Finding:
    return replace(found, file=proposal.file)
