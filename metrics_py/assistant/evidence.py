"""The rows behind a value, broken rules of the process, and insights that wait."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import polars as pl
from pydantic import Field, create_model

from metrics_py.assistant.replies import Frozen, Quoted, Reply
from metrics_py.assistant.values import Metric, Period, Person, Reading, Squad, Value, choose, find_unit, value_of
from metrics_py.publish.reader import Snapshot
from metrics_py.publish.trace import trace
from metrics_py.publish.trace_words import reason_text
from metrics_py.scoreboard import rows as published_rows

Limit = Annotated[int, Field(ge=0, le=1000, description="rows listed; the counts are of all")]


class Record(Frozen):
    """A raw record behind a row."""

    role: str
    source_file: str | None
    source_row: int | None


class TracedRow(Frozen):
    """A row in a value, or left out of it for a reason."""

    row_kind: str
    row_id: str
    label: Quoted | None
    event_on: date | None
    amount: float | None
    reason: str | None = None
    records: list[Record]


class Traced(Frozen):
    """A value, whether its rows give it again, and the rows."""

    value: Value
    recomputed_value: float | None
    rows_agree: bool
    disagreements: list[str]
    rows_in_count: int
    rows_out_count: int
    rows_in: list[TracedRow]
    rows_out: list[TracedRow]


class Violation(Frozen):
    """A broken rule of the process."""

    violation_id: str
    rule_id: str
    severity: str
    stage: str | None
    entity_type: str
    entity_id: str
    feature_id: str | None
    person_id: str | None
    squad_id: str | None
    happened_on: date | None
    evidence: Quoted | None
    sentence: str
    what_to_do: str


class Violations(Frozen):
    """How many rules were broken, and the newest of them."""

    count: int
    violations: list[Violation]


_AGEING: dict[str, Any] = {name: (kind, ...) for name, kind in get_type_hints(published_rows.Ageing).items()}
Ageing = create_model("Ageing", __base__=Frozen, __doc__="An open insight.", **_AGEING)


class AgeingInsights(Frozen):
    """How many insights are open and overdue, and the oldest of them."""

    count: int
    overdue_count: int
    # The pages' row, field by field, as an object and not as the array that a named tuple would be.
    insights: list[Ageing]  # type: ignore[valid-type]


class EvidenceTools:
    """Tools about what stands behind the numbers."""

    def __init__(self, published: Path) -> None:
        self._published = published

    def trace(
        self,
        metric: Metric,
        period: Period = None,
        person: Person = None,
        squad: Squad = None,
        reading: Reading = None,
        limit: Limit = 20,
    ) -> Reply[Traced]:
        """The rows in and left out of a published value, each with its reason and raw records, added up again."""
        named: dict[str, Any] = {"period": period, "person": person, "squad": squad, "reading": reading}
        chosen = choose(self._published, metric, **named)
        found = trace(self._published, metric, **named)
        records: dict[tuple[str, str], list[Record]] = {}
        for row in found.sources.iter_rows(named=True):
            records.setdefault((row["row_kind"], row["row_id"]), []).append(Record(**row))

        def listed(rows: pl.DataFrame) -> list[TracedRow]:
            return [
                TracedRow(
                    **row | {"label": Quoted.of(row["label"]), "reason": _reason(row.get("reason"))},
                    records=records.get((row["row_kind"], row["row_id"]), []),
                )
                for row in rows.head(limit).iter_rows(named=True)
            ]

        return Reply(
            answer=Traced(
                value=value_of(chosen.rows[-1], chosen.card),
                recomputed_value=found.recomputed.value,
                rows_agree=found.recomputed.agrees,
                disagreements=list(found.recomputed.disagreements),
                rows_in_count=found.rows_in.height,
                rows_out_count=found.rows_out.height,
                rows_in=listed(found.rows_in),
                rows_out=listed(found.rows_out),
            )
        )

    def list_violations(
        self,
        person: Person = None,
        squad: Squad = None,
        rule: Annotated[str | None, Field(description="only this rule_id")] = None,
        limit: Limit = 20,
    ) -> Reply[Violations]:
        """Broken rules of the process, newest first, each with its sentence and what to do."""
        rows = self._owned("fct_integrity_violations", person=person, squad=squad)
        if rule is not None:
            rows = rows.filter(rule_id=pl.lit(rule))
        newest = rows.sort("happened_on", "violation_id", descending=[True, False], nulls_last=True).head(limit)
        return Reply(
            answer=Violations(
                count=rows.height,
                violations=[
                    Violation(**row | {"evidence": Quoted.of(row["evidence"])}) for row in newest.iter_rows(named=True)
                ],
            )
        )

    def list_ageing_insights(
        self,
        person: Person = None,
        squad: Squad = None,
        is_overdue: Annotated[bool | None, Field(description="true: only those past the target")] = None,
        limit: Limit = 20,
    ) -> Reply[AgeingInsights]:
        """Open customer pains, oldest first, with their age, the day they break the target and why they wait."""
        rows = self._owned("ageing_insights", person=person, squad=squad)
        if is_overdue is not None:
            rows = rows.filter(is_overdue=pl.lit(is_overdue))
        oldest = rows.sort("age_days", "insight_id", descending=[True, False]).head(limit)
        return Reply(
            answer=AgeingInsights(
                count=rows.height,
                overdue_count=rows.filter("is_overdue").height,
                insights=[Ageing(**row) for row in oldest.iter_rows(named=True)],
            )
        )

    def _owned(self, table: str, *, person: str | None, squad: str | None) -> pl.DataFrame:
        snapshot = Snapshot(self._published)
        level, unit = find_unit(snapshot, person=person, squad=squad)
        return snapshot.read_all(table, where=None if level == "company" else pl.col(f"{level}_id") == unit)


def _reason(code: str | None) -> str | None:
    return None if code is None else reason_text(code)
