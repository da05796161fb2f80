"""What an assistant wrote, checked: key results, a metric framework, and the numbers of a text."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from metrics_py.assistant.replies import Frozen, Reply
from metrics_py.okr.findings import Finding, LintReport
from metrics_py.okr.frameworks import COLUMNS
from metrics_py.okr.frameworks import check_framework as framework_report
from metrics_py.okr.lint import lint_path
from metrics_py.publish.reader import Snapshot
from metrics_py.reports.drafts import check_numbers as number_verdicts
from metrics_py.reports.published import Published

MOST_CHARACTERS = 100_000


class Found(Frozen):
    """One place that breaks one rule."""

    rule: str
    severity: Literal["error", "warning"]
    subject: str
    message: str
    words: list[str]
    rewrite: str
    line: int


class Classed(Frozen):
    """What a key result was taken for, and the words that decided it."""

    text: str
    kind: str
    is_lagging: bool
    words: list[str]
    line: int


class Findings(Frozen):
    """Everything found; a proposal with an error is not ready."""

    errors: int
    warnings: int
    findings: list[Found]
    key_results: list[Classed]


class FrameworkMetric(BaseModel):
    """One metric of a feature's framework."""

    model_config = ConfigDict(extra="forbid")

    metric_name: str
    role: Literal["metric", "guardrail"] = Field(description="guardrail: what must not get worse")
    tier: Literal["adoption", "value", "impact"] | None = None
    definition: str | None = None
    formula: str | None = None
    frequency: str | None = None
    direction: Literal["up", "down"] | None = None
    availability: Literal["tracked", "due"] | None = Field(default=None, description="due: not tracked yet")
    instrumentation_due_on: date | None = None
    mechanism: str | None = Field(default=None, description="how it leads to the next tier")
    is_first_30_days: bool = False
    decision: str | None = Field(default=None, description="which decision hangs on it")


class NumberVerdict(Frozen):
    """How one number of a text stands to the published rows."""

    text: str
    line: int
    standing: Literal["bound", "contradicted", "stale", "unknown"]
    sentence: str
    right: str | None
    cells: list[str]


class NumbersChecked(Frozen):
    """A text may be sent only when every number is bound."""

    is_ready: bool
    counts: dict[str, int]
    numbers: list[NumberVerdict]


class CheckTools:
    """Tools that check a draft."""

    def __init__(self, published: Path) -> None:
        self._published = published

    def lint_key_results(
        self,
        proposal: Annotated[
            str,
            Field(
                max_length=MOST_CHARACTERS,
                description="YAML: objectives: - objective: ... key_results: - key_result: ..., metric, initiatives; "
                "metrics that are not published yet go under metrics:",
            ),
        ],
        format: Annotated[Literal["yaml", "csv"], Field(description="csv: one row per key result")] = "yaml",
    ) -> Reply[Findings]:
        """Check proposed objectives and key results against the rules and against the metrics that are published."""
        with TemporaryDirectory() as folder:
            file, registry = Path(folder) / f"proposal.{format}", Path(folder) / "metrics.csv"
            file.write_text(proposal, encoding="utf-8")
            known = registry_of(Snapshot(self._published))
            known.write_csv(registry)
            return Reply(answer=_findings(lint_path(file, registry=None if known.is_empty() else registry)))

    def check_framework(
        self,
        feature: Annotated[str, Field(description="the feature it is about")],
        metrics: Annotated[list[FrameworkMetric], Field(min_length=1, max_length=50)],
        launch_on: Annotated[date | None, Field(description="planned or actual launch")] = None,
    ) -> Reply[Findings]:
        """Check a feature's metrics: three tiers, mechanisms, guardrails, instrumentation, the decision they serve."""
        schema = dict.fromkeys(COLUMNS, pl.String) | {
            "instrumentation_due_on": pl.Date,
            "is_first_30_days": pl.Boolean,
        }
        rows = pl.DataFrame([metric.model_dump() for metric in metrics], schema=schema)
        return Reply(answer=_findings(framework_report(rows, feature=feature, launch_on=launch_on)))

    def check_numbers(
        self,
        text: Annotated[str, Field(max_length=MOST_CHARACTERS, description="the draft, plain or Markdown")],
        subjects: Annotated[
            list[str] | None, Field(description="ids of what the text is about where it does not say so itself")
        ] = None,
    ) -> Reply[NumbersChecked]:
        """Hold every number of a draft against the published rows: bound, contradicted, stale or unknown."""
        verdicts = number_verdicts(text, Published(self._published), subjects=subjects or ())
        counts = dict.fromkeys(("bound", "contradicted", "stale", "unknown"), 0)
        for verdict in verdicts:
            counts[verdict.standing] += 1
        return Reply(
            answer=NumbersChecked(
                is_ready=counts["bound"] == len(verdicts),
                counts=counts,
                numbers=[
                    NumberVerdict(
                        text=verdict.claim.text,
                        line=text.count("\n", 0, verdict.claim.start) + 1,
                        standing=verdict.standing,
                        sentence=verdict.sentence,
                        right=verdict.right,
                        cells=[str(cell) for cell in verdict.cells],
                    )
                    for verdict in verdicts
                ],
            )
        )


def registry_of(snapshot: Snapshot) -> pl.DataFrame:
    """The metrics that a proposal may name, as the lint reads them: the cards, and what key results already measure.

    Returns: one row per metric: metric, unit, direction, window_days, minimum_exposure.
    """
    columns = {"unit": pl.String, "direction": pl.String, "window_days": pl.Int64, "minimum_exposure": pl.Int64}
    found = pl.DataFrame(schema={"metric": pl.String, **columns})
    if snapshot.has("dim_metrics"):
        cards = snapshot.read_all("dim_metrics").rename({"metric_id": "metric", "few_below": "minimum_exposure"})
        found = pl.concat([found, cards.select("metric", *(pl.col(name).cast(kind) for name, kind in columns.items()))])
    if snapshot.has("dim_key_results"):
        measures = snapshot.read_all("dim_key_results").select(
            pl.col("measure").alias("metric"),
            "unit",
            "direction",
            *(pl.lit(None, dtype=pl.Int64).alias(name) for name in ("window_days", "minimum_exposure")),
        )
        found = pl.concat([found, measures.drop_nulls("metric")])
    # A card says more than the key results that are about it.
    return found.unique("metric", keep="first", maintain_order=True).sort("metric")


def _findings(report: LintReport) -> Findings:
    return Findings(
        errors=report.errors,
        warnings=report.warnings,
        findings=list(_found(report.findings)),
        key_results=[Classed(**asdict(classed) | {"words": list(classed.words)}) for classed in report.classes],
    )


def _found(findings: Iterable[Finding]) -> Iterable[Found]:
    return (Found(**asdict(finding) | {"words": list(finding.words)}) for finding in findings)
