"""Sixty questions over the sample, each with the answer that the published tables give when they are read directly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

Table = Callable[[str], pl.DataFrame]
QUALIFIERS = ("value", "ci_low", "ci_high", "n", "status", "matured_share", "definition_version", "unit", "reading")


@dataclass(frozen=True)
class Question:
    """What is asked, with which tool, and what the answer must hold: each path with its value."""

    words: str
    tool: str
    arguments: Mapping[str, Any]
    expected: Callable[[Table], Mapping[str, Any]]


def value(
    words: str,
    start: str,
    *,
    metric: str,
    reading: str,
    kind: str,
    unit: str = "company",
    level: str = "company",
    **arguments: Any,
) -> Question:
    """A question for one value, which the row of that period, reading and unit answers."""

    def expected(table: Table) -> dict[str, Any]:
        day = date.fromisoformat(start)
        rows = table("metric_values").filter(
            metric_id=pl.lit(metric),
            reading=pl.lit(reading),
            org_level=pl.lit(level),
            org_unit_id=pl.lit(unit),
            period_kind=pl.lit(kind),
            period_start=pl.lit(day),
        )
        row = rows.row(0, named=True)
        assert rows.height == 1
        assert row["value"] is not None
        return {f"answer.-1.{name}": row[name] for name in QUALIFIERS} | {
            "answer.-1.period_start": start,
            "answer.-1.last_day": (row["period_end"] - timedelta(days=1)).isoformat(),
            "answer.-1.as_of": f"{row['as_of'].isoformat()}Z",
        }

    return Question(words, "get_values", {"metric": metric, **arguments}, expected)


def refusal(words: str, tool: str, code: str, meant: list[str] | None = None, **arguments: Any) -> Question:
    """A question that has no answer, for that reason."""
    expected = {"refusal.code": code} | ({} if meant is None else {"refusal.did_you_mean": meant})
    return Question(words, tool, arguments, lambda table: expected)


def found(words: str, tool: str, path: str, expect: Callable[[Table], Any], **arguments: Any) -> Question:
    """A question whose answer holds one thing that the tables give."""
    return Question(words, tool, arguments, lambda table: {path: expect(table)})


def published_value(table: Table, metric: str, reading: str, kind: str, start: str) -> float:
    """The value of the company for a period."""
    rows = table("metric_values").filter(
        metric_id=pl.lit(metric),
        reading=pl.lit(reading),
        org_level=pl.lit("company"),
        period_kind=pl.lit(kind),
        period_start=pl.lit(date.fromisoformat(start)),
    )
    return float(rows["value"].item())


def too_early(table: Table) -> dict[str, Any]:
    """What is refused of a quarter of which nothing has matured."""
    row = table("metric_values").filter(
        metric_id=pl.lit("ploar"),
        reading=pl.lit("headline"),
        org_level=pl.lit("company"),
        period_start=pl.lit(date(2026, 1, 1)),
    )
    return {"refusal.code": "too_early", "refusal.readable_on": row["readable_on"].item().isoformat(), "answer": None}


def change(table: Table, metric: str, reading: str, kind: str, first: str, last: str) -> float:
    """How far two values of the company differ."""
    return published_value(table, metric, reading, kind, last) - published_value(table, metric, reading, kind, first)


def newest_forecast(table: Table) -> float:
    """The newest mixture forecast of ARR."""
    rows = table("key_result_forecasts").filter(key_result_id=pl.lit("kr-arr"), method=pl.lit("mixture"))
    return float(rows.sort("made_on")["value"][-1])


def latest(table: Table) -> pl.DataFrame:
    """Key results as last evaluated."""
    return table("key_result_status").filter("is_latest")


ARR = {"metric": "arr", "reading": "headline", "kind": "month"}
P90 = {"metric": "circt", "reading": "p90_launched"}
SCORE = {"metric": "ddqs", "reading": "headline"}
HITS = {"metric": "ploar", "reading": "headline"}
NPS = {"metric": "nps", "kind": "wave"}
ANA = "ana.silva@cxt.example"


def reading_of(words: str, start: str, *, metric: str, kind: str, reading: str, **arguments: Any) -> Question:
    """A question for another reading than the headline, which is named."""
    asked = value(words, start, metric=metric, reading=reading, kind=kind, **arguments)
    return Question(words, asked.tool, {**asked.arguments, "reading": reading}, asked.expected)


QUESTIONS = [
    value("What is ARR now?", "2026-01-01", **ARR),
    value("What was ARR at the end of 2025?", "2025-12-01", **ARR, period="2025-12"),
    value("What was ARR at the end of the third quarter?", "2025-09-01", **ARR, period="2025Q3"),
    value("What was ARR in January 2025?", "2025-01-01", **ARR, period="2025-01"),
    value("What was ARR on 15 March 2025?", "2025-03-01", **ARR, period="2025-03-15"),
    reading_of(
        "Net retention in December?",
        "2025-12-01",
        metric="arr",
        kind="month",
        reading="net_retention",
        period="2025-12",
    ),
    reading_of(
        "Gross retention in June?",
        "2025-06-01",
        metric="arr",
        kind="month",
        reading="gross_retention",
        period="2025-06",
    ),
    value("What is CIRCT today?", "2026-01-30", **P90, kind="day"),
    value("CIRCT at the end of November?", "2025-11-30", **P90, kind="day", period="2025-11"),
    value("CIRCT over the half year?", "2025-07-01", **P90, kind="goal_period", period="2025H2"),
    value(
        "CIRCT of dispatch at the end of October?",
        "2025-10-31",
        **P90,
        kind="day",
        level="squad",
        unit="dispatch",
        squad="dispatch",
        period="2025-10-31",
    ),
    value(
        "CIRCT of billing at the end of the year?",
        "2025-12-31",
        **P90,
        kind="day",
        level="squad",
        unit="billing",
        squad="billing",
        period="2025-12-31",
    ),
    value(
        "CIRCT of Ana over the half year?",
        "2025-07-01",
        **P90,
        kind="goal_period",
        level="person",
        unit=ANA,
        person="Ana Silva",
        period="2025H2",
    ),
    reading_of(
        "Share within 45 days at year's end?",
        "2025-12-31",
        metric="circt",
        kind="day",
        reading="share_within_45",
        period="2025-12-31",
    ),
    reading_of(
        "Share within 45 days of integrations?",
        "2025-12-31",
        metric="circt",
        kind="day",
        reading="share_within_45",
        level="squad",
        unit="integrations",
        squad="integrations",
        period="2025Q4",
    ),
    reading_of(
        "CIRCT, interpolated, in September?",
        "2025-09-30",
        metric="circt",
        kind="day",
        reading="p90_launched_cont",
        period="2025-09-30",
    ),
    value("What was DDQS last quarter?", "2025-10-01", **SCORE, kind="quarter", period="2025Q4"),
    value("What is DDQS this quarter?", "2026-01-01", **SCORE, kind="quarter"),
    value("DDQS over the half year?", "2025-07-01", **SCORE, kind="goal_period", period="2025H2"),
    value(
        "DDQS of dispatch in the third quarter?",
        "2025-07-01",
        **SCORE,
        kind="quarter",
        level="squad",
        unit="dispatch",
        squad="dispatch",
        period="2025Q3",
    ),
    value(
        "DDQS of Ana over the half year?",
        "2025-07-01",
        **SCORE,
        kind="goal_period",
        level="person",
        unit=ANA,
        person=ANA,
        period="2025H2",
    ),
    reading_of(
        "How many features have a score?",
        "2025-10-01",
        metric="ddqs",
        kind="quarter",
        reading="coverage",
        period="2025Q4",
    ),
    reading_of(
        "The lowest score of the quarter?",
        "2025-10-01",
        metric="ddqs",
        kind="quarter",
        reading="minimum",
        period="2025Q4",
    ),
    reading_of(
        "Share with 6 or more in spring?",
        "2025-04-01",
        metric="ddqs",
        kind="quarter",
        reading="share_at_least_6",
        period="2025Q2",
    ),
    value("PLOAR in the second quarter?", "2025-04-01", **HITS, kind="quarter", period="2025Q2"),
    value("PLOAR over the half year?", "2025-07-01", **HITS, kind="goal_period", period="2025H2"),
    value(
        "PLOAR of dispatch over the half year?",
        "2025-07-01",
        **HITS,
        kind="goal_period",
        level="squad",
        unit="dispatch",
        squad="dispatch",
        period="2025H2",
    ),
    reading_of(
        "Any KPI met in the first quarter?",
        "2025-01-01",
        metric="ploar",
        kind="quarter",
        reading="any_kpi_met",
        period="2025Q1",
    ),
    reading_of(
        "Hits of shipped in summer?",
        "2025-07-01",
        metric="ploar",
        kind="quarter",
        reading="hits_of_shipped",
        period="2025Q3",
    ),
    value("What is NPS?", "2025-11-11", **NPS, reading="post_stratified"),
    value("NPS in February?", "2025-02-11", **NPS, reading="post_stratified", period="2025-02"),
    reading_of("NPS unweighted in August?", "2025-08-12", **NPS, reading="unweighted", period="2025-08-20"),
    reading_of("How many answered in autumn?", "2025-11-11", **NPS, reading="response_rate", period="2025Q4"),
    Question("PLOAR of this quarter?", "get_values", {"metric": "ploar"}, too_early),
    refusal("What is cirt?", "explain_metric", "unknown_metric", ["circt"], metric="cirt"),
    refusal("What is the churn in euros?", "get_values", "unknown_metric", metric="churn in euros"),
    refusal("CIRCT of Anna?", "get_values", "unknown_person", [ANA], metric="circt", person="ana.silvia@cxt.example"),
    refusal("CIRCT of dispach?", "get_values", "unknown_squad", ["dispatch"], metric="circt", squad="dispach"),
    refusal("DDQS, headlin?", "get_values", "unknown_reading", ["headline"], metric="ddqs", reading="headlin"),
    refusal("ARR in 2031?", "get_values", "no_such_period", metric="arr", period="2031-01"),
    refusal("ARR in 2019?", "get_values", "no_such_period", metric="arr", period="2019Q1"),
    refusal("ARR last month?", "get_values", "no_such_period", metric="arr", period="last month"),
    refusal("NPS of dispatch?", "get_values", "no_data", metric="nps", squad="dispatch"),
    refusal("CIRCT before any launch?", "get_values", "no_data", metric="circt", period="2024-06-30"),
    refusal("Ana or dispatch?", "get_values", "bad_request", metric="circt", person=ANA, squad="dispatch"),
    refusal("DDQS against last quarter?", "compare", "too_few", metric="ddqs", earlier="2025Q4"),
    refusal("ARR against itself?", "compare", "bad_request", metric="arr", earlier="2025-12", later="2025-12"),
    refusal("Rows of nothing?", "trace", "unknown_metric", metric="velocity points"),
    refusal("How is kr-ar?", "key_result_status", "unknown_key_result", key_result="kr-ar"),
    refusal("What if a closed one launches?", "what_if", "unknown_insight", insights=["n-none"]),
    refusal("What if it had launched last year?", "what_if", "bad_request", on="2025-01-01"),
    found(
        "How far did ARR rise in autumn?",
        "compare",
        "answer.change",
        lambda table: change(table, "arr", "headline", "month", "2025-09-01", "2025-12-01"),
        metric="arr",
        earlier="2025-09",
        later="2025-12",
    ),
    found(
        "How far did CIRCT move in autumn?",
        "compare",
        "answer.change",
        lambda table: change(table, "circt", "p90_launched", "day", "2025-09-30", "2025-12-31"),
        metric="circt",
        earlier="2025-09-30",
        later="2025-12-31",
    ),
    found(
        "How many features are in DDQS?",
        "trace",
        "answer.rows_in_count",
        lambda table: (
            table("metric_values")
            .filter(
                metric_id=pl.lit("ddqs"),
                reading=pl.lit("headline"),
                org_level=pl.lit("company"),
                period_kind=pl.lit("quarter"),
                period_start=pl.lit(date(2025, 10, 1)),
            )["n"]
            .item()
        ),
        metric="ddqs",
        period="2025Q4",
    ),
    found(
        "How many rules were broken?",
        "list_violations",
        "answer.count",
        lambda table: table("fct_integrity_violations").height,
    ),
    found(
        "How many by dispatch?",
        "list_violations",
        "answer.count",
        lambda table: table("fct_integrity_violations").filter(squad_id=pl.lit("dispatch")).height,
        squad="dispatch",
    ),
    found(
        "How many pains are overdue?",
        "list_ageing_insights",
        "answer.overdue_count",
        lambda table: table("ageing_insights").filter(pl.col("age_days") > 45).height,
    ),
    found(
        "How many key results were missed?",
        "key_result_status",
        "answer.by_status.missed",
        lambda table: latest(table).filter(status=pl.lit("missed")).height,
    ),
    found(
        "How likely is the ARR target?",
        "key_result_status",
        "answer.key_results.0.p_hit",
        lambda table: latest(table).filter(key_result_id=pl.lit("kr-arr"))["p_hit"].item(),
        key_result="kr-arr",
    ),
    found("Where will ARR end?", "key_result_forecast", "answer.1.value", newest_forecast, key_result="kr-arr"),
]
