"""The rules of the lint: ids, severities and sentences."""

from metrics_py.okr.findings import CheckRule, Finding

FEWEST_KEY_RESULTS, MOST_KEY_RESULTS, MOST_INITIATIVES = 3, 5, 3

RULES: dict[str, CheckRule] = {
    "unreadable": CheckRule("error", "A proposal can be read: known fields, numbers where numbers belong."),
    "seed-column": CheckRule("error", "A file of key results has its columns and no others."),
    "seed-value": CheckRule("error", "A cell holds what its column asks for."),
    "seed-duplicate": CheckRule("error", "A row stands once."),
    "seed-reference": CheckRule("error", "What a cell names exists."),
    "seed-period": CheckRule("error", "Periods start before they end, and milestones lie inside."),
    "target-change-reason": CheckRule("error", "A target is changed with a reason, and the first one is kept."),
    "target-change-midpoint": CheckRule("warning", "A target is changed at the midpoint review, once."),
    "objective-vague": CheckRule("error", "An objective says what will be different, for whom."),
    "objective-metric": CheckRule("error", "An objective is qualitative; numbers belong in its key results."),
    "objective-no-direction": CheckRule("warning", "An objective says which way things should move."),
    "objective-task-list": CheckRule("error", "An objective is a change, not a list of things to do."),
    "key-result-count": CheckRule("error", "An objective has three to five key results."),
    "key-result-output": CheckRule("error", "A key result is a change in the world, not a thing to make."),
    "key-result-ambiguous": CheckRule("warning", "A key result can be told from a thing to make."),
    "key-result-no-metric": CheckRule("error", "A key result names a metric of the registry."),
    "key-result-unknown-metric": CheckRule("error", "The metric of a key result is in the registry."),
    "key-result-no-baseline": CheckRule("error", "A key result has a baseline."),
    "key-result-no-target": CheckRule("error", "A key result has a target."),
    "key-result-no-unit": CheckRule("error", "A key result has a unit."),
    "key-result-direction": CheckRule("error", "A key result has one direction, that of its metric."),
    "key-result-unlike-metric": CheckRule("error", "Unit, population and window are those of the registry."),
    "key-result-numbers": CheckRule("error", "The numbers in the sentence are those in the fields."),
    "key-result-no-exposure": CheckRule("warning", "A key result says at which exposure it is read."),
    "zero-exposure": CheckRule("error", "A key result would not pass if every user cancelled."),
    "key-result-vanity": CheckRule("warning", "A key result measures behaviour, not exposure."),
    "key-result-lagging": CheckRule("warning", "A lagging key result has a leading one beside it."),
    "key-result-redundant": CheckRule("warning", "No two key results say the same."),
    "key-result-initiatives": CheckRule("warning", "A key result has one to three initiatives."),
    "initiative-orphan": CheckRule("warning", "Every initiative is linked to a key result."),
}


def finding(rule: str, subject: str, line: int, message: str, found: tuple[str, ...], rewrite: str) -> Finding:
    """One broken rule, still without its file."""
    return Finding(
        rule=rule,
        severity=RULES[rule].severity,
        subject=subject,
        message=message,
        words=found,
        rewrite=rewrite,
        line=line,
    )
