"""The three-tier sheet of metrics for one feature, and what is wrong with it before the feature is launched.

Adoption leads (are people using it?), value says whether it does for them what it was for, impact lags (does it move
the business?). A framework that stops at adoption would call a feature a success that nobody gains from.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl

from metrics_py._columns import require_columns, require_dates
from metrics_py.errors import UnusableInputError
from metrics_py.okr import _words as words
from metrics_py.okr.findings import CheckRule, Finding, LintReport, ordered
from metrics_py.okr.formula import Direction, pushes, read_formula

TIERS = {"adoption": "leading", "value": "value", "impact": "lagging"}
FIRST_DAYS = 30
MOST_GUARDRAILS = 2

COLUMNS = (
    "metric_name",
    "role",
    "tier",
    "definition",
    "formula",
    "frequency",
    "direction",
    "availability",
    "instrumentation_due_on",
    "mechanism",
    "is_first_30_days",
    "decision",
)

RULES: dict[str, CheckRule] = {
    "framework-unreadable": CheckRule("error", "Role, tier, direction, availability and formula can be read."),
    "framework-incomplete-metric": CheckRule(
        "error", "Each metric has definition, frequency, direction, availability."
    ),
    "framework-adoption-only": CheckRule("error", "A framework looks beyond adoption."),
    "framework-tier-missing": CheckRule("error", "Each of the three tiers has a metric."),
    "framework-tier-doubtful": CheckRule("warning", "A metric of exposure is an adoption metric."),
    "framework-no-mechanism": CheckRule("error", "A leading metric says how it leads to value."),
    "framework-guardrails": CheckRule("error", "There are one or two guardrails."),
    "framework-guardrail-conflict": CheckRule("error", "No guardrail is broken by reaching what is wanted."),
    "framework-not-instrumented": CheckRule("error", "What is not tracked yet is instrumented before launch."),
    "framework-first-30-days": CheckRule("error", "One metric is readable in the first 30 days."),
    "framework-no-decision": CheckRule("error", "It says which decision hangs on the numbers."),
}


def framework_sheet(metrics: pl.DataFrame, *, launch_on: date | None) -> pl.DataFrame:
    """Three-tier sheet of one feature: adoption, value, impact, then guardrails, each with when it can be read.

    Args:
        metrics: rows of one feature with the columns `COLUMNS`.
        launch_on: planned or actual launch; null when it has no date.
    Returns: the rows in the order of the tiers with `timing` (leading, value, lagging, guardrail),
        `is_ready_for_launch` (tracked, or due before launch; null where the dates do not tell) and `readable_by` (day
        31 of the first-30-days metric).
    Raises: MissingColumnError

    Source: METRICS.md, Metric frameworks.
    """
    require_columns(metrics.schema, COLUMNS)
    require_dates(metrics.schema, "instrumentation_due_on")
    launch = pl.lit(launch_on, dtype=pl.Date)
    is_guardrail = pl.col("role") == "guardrail"
    order = {tier: place for place, tier in enumerate(TIERS)}
    position = (
        pl.when(is_guardrail)
        .then(len(TIERS))
        .otherwise(pl.col("tier").replace_strict(order, default=len(TIERS), return_dtype=pl.Int64))
    )
    readable_by = None if launch_on is None else launch_on + timedelta(days=FIRST_DAYS)
    return (
        metrics.with_columns(
            pl.when(is_guardrail)
            .then(pl.lit("guardrail"))
            .otherwise(pl.col("tier").replace_strict(TIERS, default=None, return_dtype=pl.String))
            .alias("timing"),
            pl.when(pl.col("availability") == "tracked")
            .then(True)
            .otherwise(pl.col("instrumentation_due_on") < launch)
            .alias("is_ready_for_launch"),
            pl.when(pl.col("is_first_30_days")).then(pl.lit(readable_by, dtype=pl.Date)).alias("readable_by"),
            position.alias("_position"),
        )
        .sort("_position", maintain_order=True)
        .drop("_position")
    )


def check_framework(metrics: pl.DataFrame, *, feature: str, launch_on: date | None) -> LintReport:
    """Findings in the framework of one feature; it can be launched on when there is no error.

    Args:
        metrics: rows of one feature with the columns `COLUMNS`; role is metric or guardrail, tier adoption, value or
            impact (null for guardrails), availability tracked or due.
        feature: its id, the subject of the findings about the whole.
        launch_on: planned or actual launch, before which instrumentation is due.
    Raises: MissingColumnError; UnusableInputError for a feature without any row.

    Source: METRICS.md, Metric frameworks.
    """
    require_columns(metrics.schema, COLUMNS)
    if metrics.is_empty():
        raise UnusableInputError(f"{feature} has no metric framework; add rows for it to the frameworks")
    rows = metrics.to_dicts()
    wanted = [row for row in rows if row["role"] != "guardrail"]
    guardrails = [row for row in rows if row["role"] == "guardrail"]
    findings: list[Finding] = []
    for row in rows:
        findings += _metric(row, launch_on)
    findings += _tiers(wanted, feature)
    findings += _guardrails(wanted, guardrails, feature)
    findings += _whole(wanted, rows, feature)
    return LintReport(RULES, ordered(findings))


def _metric(row: dict[str, Any], launch_on: date | None) -> Iterator[Finding]:
    name = row["metric_name"] or "a metric without a name"
    is_guardrail = row["role"] == "guardrail"
    allowed: dict[str, tuple[str, ...]] = {
        "role": ("metric", "guardrail"),
        "direction": ("up", "down"),
        "availability": ("tracked", "due"),
    }
    if not is_guardrail:
        allowed["tier"] = tuple(TIERS)
    for column, words_allowed in allowed.items():
        if row[column] is not None and row[column] not in words_allowed:
            listed = ", ".join(words_allowed)
            yield _finding("framework-unreadable", name, f"{column} is one of {listed}; found {row[column]!r}")
    if row["formula"] is not None:
        try:
            read_formula(row["formula"])
        except UnusableInputError as error:
            yield _finding("framework-unreadable", name, str(error))
    needed = [
        "metric_name",
        "definition",
        "frequency",
        "direction",
        "availability",
        *([] if is_guardrail else ["tier"]),
    ]
    if missing := [column for column in needed if not row[column]]:
        yield _finding("framework-incomplete-metric", name, f"it lacks {', '.join(missing)}", rewrite="fill them in")
    if row["tier"] == "adoption" and not is_guardrail and not row["mechanism"]:
        yield _finding(
            "framework-no-mechanism",
            name,
            "nothing says why more of it should lead to value",
            rewrite="complete: people who do this get ..., because ...",
        )
    if row["availability"] == "due":
        due_on = row["instrumentation_due_on"]
        if due_on is None or launch_on is None or due_on >= launch_on:
            due = f"on {due_on}" if due_on else "on no date"
            launch = f"the launch is on {launch_on}" if launch_on else "the launch has no date"
            yield _finding(
                "framework-not-instrumented",
                name,
                f"its instrumentation is due {due} and {launch}",
                rewrite="date the instrumentation before the launch, or move the launch",
            )
    exposure = words.vanity_words(f"{row['metric_name']} {row['definition'] or ''}")
    if exposure and row["tier"] in ("value", "impact") and not is_guardrail:
        yield _finding("framework-tier-doubtful", name, f"it counts exposure but stands as {row['tier']}", exposure)


def _tiers(wanted: list[dict[str, Any]], feature: str) -> Iterator[Finding]:
    present = {row["tier"] for row in wanted}
    beyond = [row for row in wanted if row["tier"] != "adoption" and not words.vanity_words(row["metric_name"] or "")]
    names = tuple(row["metric_name"] for row in wanted if row["metric_name"])
    if wanted and not beyond:
        yield _finding(
            "framework-adoption-only",
            feature,
            "it would call the feature a success when people merely open it",
            names,
            "add what people get done with it (value) and what that moves for the business (impact)",
        )
    for tier in TIERS:
        if tier not in present:
            yield _finding("framework-tier-missing", feature, f"no metric of the tier {tier}", rewrite=_TIER_HELP[tier])


def _guardrails(wanted: list[dict[str, Any]], guardrails: list[dict[str, Any]], feature: str) -> Iterator[Finding]:
    if not 1 <= len(guardrails) <= MOST_GUARDRAILS:
        yield _finding(
            "framework-guardrails",
            feature,
            f"it has {len(guardrails)} guardrails; 1 to {MOST_GUARDRAILS} are needed",
            rewrite="name what must not get worse while the rest gets better",
        )
    for guardrail in guardrails:
        for metric in wanted:
            if why := _conflict(metric, guardrail):
                yield _finding(
                    "framework-guardrail-conflict",
                    guardrail["metric_name"] or feature,
                    f"it conflicts with {metric['metric_name']}: {why}",
                    rewrite="guard something else, or make it a rate of what is meant to grow",
                )


def _conflict(metric: dict[str, Any], guardrail: dict[str, Any]) -> str | None:
    directions = metric["direction"], guardrail["direction"]
    if not all(direction in ("up", "down") for direction in directions):
        return None
    names = [(row["metric_name"] or "").strip().lower() for row in (metric, guardrail)]
    if names[0] == names[1]:
        return None if directions[0] == directions[1] else "the same number is wanted up and down"
    wanted, guarded = _pushes(metric), _pushes(guardrail)
    for name in wanted.keys() & guarded.keys():
        if wanted[name] != guarded[name]:
            return f"the one wants {name} {wanted[name]}, the other {guarded[name]}"
    return None


def _pushes(row: dict[str, Any]) -> dict[str, Direction]:
    try:
        return pushes(read_formula(row["formula"]), row["direction"]) if row["formula"] else {}
    except UnusableInputError:
        return {}


def _whole(wanted: list[dict[str, Any]], rows: list[dict[str, Any]], feature: str) -> Iterator[Finding]:
    first = [row for row in wanted if row["is_first_30_days"]]
    if len(first) != 1:
        yield _finding(
            "framework-first-30-days",
            feature,
            f"{len(first)} metrics are marked for the first 30 days; it takes one",
            tuple(row["metric_name"] or "" for row in first),
            "mark the one that would tell first whether it works",
        )
    elif first[0]["tier"] == "impact":
        yield _finding(
            "framework-first-30-days",
            first[0]["metric_name"] or feature,
            "an impact metric lags, so that it says little in the first 30 days",
            rewrite="mark a metric of adoption or value",
        )
    if not any((row["decision"] or "").strip() for row in rows):
        yield _finding(
            "framework-no-decision",
            feature,
            "no decision hangs on these numbers",
            rewrite="complete: if ... by ..., we will ...; otherwise we will ...",
        )


def _finding(rule: str, subject: str, message: str, found: tuple[str, ...] = (), rewrite: str = "") -> Finding:
    return Finding(
        rule=rule, severity=RULES[rule].severity, subject=subject, message=message, words=found, rewrite=rewrite
    )


_TIER_HELP = {
    "adoption": "add who uses it, as a share of those who could",
    "value": "add what people get done with it that they could not before",
    "impact": "add what that moves for the business, and when it would show",
}
