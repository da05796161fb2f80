"""What the lint asks of one key result."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from metrics_py.errors import UnusableInputError
from metrics_py.okr import _words as words
from metrics_py.okr._lint_rules import MOST_INITIATIVES, finding
from metrics_py.okr._proposal import Metric, ProposedKeyResult
from metrics_py.okr._sentences import number
from metrics_py.okr.consistency import check_statement
from metrics_py.okr.findings import Finding
from metrics_py.okr.formula import read_formula, zero_exposure

_OWN = ("baseline", "target", "weight")
"""What a key result never takes from its metric."""


def key_result_findings(key_result: ProposedKeyResult, metric: Metric | None, has_registry: bool) -> Iterator[Finding]:
    """What breaks the rules in one key result; one that is an output is not asked for more."""
    text, line = key_result.text, key_result.line
    kind, deciding = words.classify(text)
    if kind == "output":
        yield finding(
            "key-result-output",
            text,
            line,
            "it is done when something is made, whether or not anything changes for anybody",
            deciding,
            "name what people will do differently once it is there; the thing itself is an initiative",
        )
        return
    if kind == "ambiguous":
        yield finding(
            "key-result-ambiguous",
            text,
            line,
            "it cannot be told whether a change or a thing to make is meant",
            deciding,
            "leave out how it is done and give metric, baseline and target",
        )
    stated = words.numbers_in(text)
    if stated.window_days in (key_result.details.get("baseline"), key_result.details.get("target")):
        # "within 45 days" is a window, unless days are what is to be reached.
        stated = replace(stated, window_days=None)
    details = {name: value for name, value in (metric.details if metric else {}).items() if name not in _OWN}
    own = {"baseline": stated.baseline, "target": stated.target, "window_days": stated.window_days}
    details |= {name: value for name, value in own.items() if value is not None} | dict(key_result.details)
    yield from _missing(key_result, details, stated)
    yield from _unlike(key_result, metric, stated, has_registry)
    yield from _contradicting(key_result, stated)
    yield from _exposure(key_result, details, _direction(details, text))
    if vanity := words.vanity_words(text):
        yield finding(
            "key-result-vanity",
            text,
            line,
            "it counts what people were shown or opened, not what they did for themselves",
            vanity,
            "measure the share of those exposed who then did what it was for",
        )
    if is_lagging(key_result, metric):
        yield finding(
            "key-result-lagging",
            text,
            line,
            "it moves too late to steer by within the period",
            words.lagging_words(text),
            "put a leading key result beside it, with the mechanism that links the two",
        )
    if not 1 <= len(key_result.initiatives) <= MOST_INITIATIVES:
        yield finding(
            "key-result-initiatives",
            text,
            line,
            f"it has {len(key_result.initiatives)} initiatives; 1 to {MOST_INITIATIVES} are expected",
            key_result.initiatives,
            "link the one to three bets that should move it",
        )


def _missing(key_result: ProposedKeyResult, details: Mapping[str, Any], stated: words.Numbers) -> Iterator[Finding]:
    text, line = key_result.text, key_result.line
    if key_result.metric is None:
        yield finding("key-result-no-metric", text, line, "it names no metric", (), "add: metric: <id in the registry>")
    if "baseline" not in details and details.get("goal_type") != "maintain":
        yield finding(
            "key-result-no-baseline", text, line, "it has no baseline", (), "add where it stands today, and since when"
        )
    if "target" not in details:
        yield finding("key-result-no-target", text, line, "it has no target", (), "add the value to reach, as a number")
    if "unit" not in details and not stated.is_percent:
        yield finding("key-result-no-unit", text, line, "it has no unit", (), "add: unit: percent, days, count, ...")
    if _direction(details, text) is None:
        yield finding(
            "key-result-direction", text, line, "it does not say which way is better", (), "add: direction: up or down"
        )


def _unlike(
    key_result: ProposedKeyResult, metric: Metric | None, stated: words.Numbers, has_registry: bool
) -> Iterator[Finding]:
    text, line = key_result.text, key_result.line
    if metric is None:
        if key_result.metric is not None and has_registry:
            yield finding(
                "key-result-unknown-metric",
                text,
                line,
                f"no metric {key_result.metric!r} in the registry",
                (key_result.metric,),
                "use a metric of the registry, or define this one there first",
            )
        return
    own: dict[str, Any] = dict(key_result.details)
    if stated.window_days is not None:
        own.setdefault("window_days", stated.window_days)
        if own["window_days"] != stated.window_days:
            yield finding(
                "key-result-numbers",
                text,
                line,
                f"the sentence says {stated.window_days} days and the field {number(own['window_days'])}",
                (f"{stated.window_days} days",),
                "let both say the same",
            )
    for name in ("unit", "population", "window_days"):
        defined = metric.details.get(name)
        if name in own and defined is not None and plain(own[name]) != plain(defined):
            what = name.removesuffix("_days")
            yield finding(
                "key-result-unlike-metric",
                text,
                line,
                f"its {what} is {plain(own[name])}; that of {metric.metric_id} is {plain(defined)}",
                (plain(own[name]),),
                f"use the {what} of {metric.metric_id}, or define another metric: it would be a different number",
            )
    wanted, defined = _direction(own, text), metric.details.get("direction")
    if wanted is not None and defined is not None and wanted != defined:
        yield finding(
            "key-result-direction",
            text,
            line,
            f"it wants {metric.metric_id} to go {wanted}; the registry says that {defined} is better",
            (wanted,),
            "turn the target round, or correct the registry",
        )


def _contradicting(key_result: ProposedKeyResult, stated: words.Numbers) -> Iterator[Finding]:
    # A share is kept as 0.75 and said as 75%.
    scale = 100 if stated.is_percent and key_result.details.get("unit") == "share" else 1
    given = {
        name: round(scale * key_result.details[name], 9)
        for name in ("baseline", "target")
        if name in key_result.details
    }
    wrong = [
        (name, said, given[name])
        for name, said in (("baseline", stated.baseline), ("target", stated.target))
        if said is not None and name in given and given[name] != said
    ]
    for name, said, right in wrong:
        yield finding(
            "key-result-numbers",
            key_result.text,
            key_result.line,
            f"the sentence says a {name} of {number(said, 4)} and the field {number(right, 4)}",
            (number(said, 4),),
            "let both say the same",
        )
    if wrong:
        return
    baseline, target = given.get("baseline", stated.baseline), given.get("target", stated.target)
    for found in check_statement(key_result.text, baseline=baseline, target=target):
        yield finding(
            "key-result-numbers", key_result.text, key_result.line, found.sentence, (found.words,), "correct it"
        )


def _exposure(key_result: ProposedKeyResult, details: Mapping[str, Any], direction: str | None) -> Iterator[Finding]:
    text, line = key_result.text, key_result.line
    shape, deciding = words.inferred_formula(text)
    stated = details.get("formula")
    if stated is not None:
        try:
            formula = read_formula(str(stated))
        except UnusableInputError as error:
            yield finding("unreadable", text, line, str(error), (str(stated),), "write it as arithmetic over counts")
            return
        deciding = (formula.text,)
    elif shape is not None:
        formula = read_formula(shape)
    else:
        formula = None
    answer = (
        zero_exposure(
            formula,
            direction="up" if direction == "up" else "down",
            target=details.get("target"),
            minimum_exposure=details.get("minimum_exposure"),
        )
        if formula is not None and direction is not None
        else None
    )
    if answer is not None and answer.passes is False:
        yield finding(
            "zero-exposure",
            text,
            line,
            f"it would pass if every user cancelled: {answer.because}",
            deciding,
            "make it a rate of those who could have (per active account), read only from a minimum exposure on",
        )
    if "minimum_exposure" not in details and (answer is None or answer.passes is not True):
        yield finding(
            "key-result-no-exposure",
            text,
            line,
            "it does not say how many people or cases it takes to be read",
            deciding,
            "add the formula with what it divides by, and: minimum_exposure: <count>",
        )


def _direction(details: Mapping[str, Any], text: str) -> str | None:
    if "direction" in details:
        return str(details["direction"])
    baseline, target = details.get("baseline"), details.get("target")
    if baseline is not None and target is not None and baseline != target:
        return "up" if target > baseline else "down"
    return words.wanted_direction(text)


def is_lagging(key_result: ProposedKeyResult, metric: Metric | None) -> bool:
    """Whether the registry, else the sentence, says that it moves long after what moves it."""
    return metric.is_lagging if metric is not None else bool(words.lagging_words(key_result.text))


def plain(value: Any) -> str:
    """A field as text to compare, without case and spaces."""
    return number(value) if isinstance(value, int | float) else " ".join(str(value).lower().split())
