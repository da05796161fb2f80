"""A published snapshot of a small company in which every status occurs, written without a warehouse."""

import json
import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.publish.generation import MANIFEST, PARQUET, generation_of, install, next_generation, sha256_of
from tests.unit.scoreboard import provenance, records

AS_OF_ON = date(2026, 1, 31)
QUARTERS = [date(2024, 7, 1), date(2024, 10, 1), *(date(2025, month, 1) for month in (1, 4, 7, 10)), date(2026, 1, 1)]
SQUADS = {
    "billing": ["Jonas Berg", "Keiko Sato", "Liam Murphy"],
    "dispatch": ["Ana Silva", "Ben Okafor", "Chloe Tran"],
    "driver-app": ["Diego Ramos", "Emma Lindqvist", "Farid Haddad"],
    "integrations": ["Grace Kim", "Henrik Vogel", "Inês Moreau"],
}
CARDS = [
    ("arr", "Annual Recurring Revenue", "Is the business growing as planned?", "usd", "up", 40),
    ("nps", "Net Promoter Score", "Would our customers recommend us?", "nps", "up", 135),
    ("ddqs", "Discovery & Definition Quality Score", "Do we know enough before we build?", "score", "up", 10),
    ("ploar", "Post-Launch Outcome Achievement Rate", "Did what we shipped do what we said?", "share", "up", 10),
    (
        "circt",
        "Customer Insight-to-Resolution Cycle Time",
        "How long does a pain wait for its fix?",
        "days",
        "down",
        10,
    ),
]
GOALS = {
    "arr": ("arr-2026", 1, "Grow ARR from $8M to $10M", "headline", "month", 9_444_444.4),
    "nps": ("nps-2026", 2, "Raise relationship NPS from 6 to 20", "unweighted", "wave", 16.1),
    "ddqs": ("ddqs-2025h2", 3, "Keep DDQS at 6 or more", "headline", "quarter", 6.0),
    "ploar": ("ploar-2025h2", 3, "Keep PLOAR at 75% or more", "headline", "quarter", 0.75),
    "circt": ("circt-2025h2", 3, "Resolve 90% of pains within 45 days", "p90_launched", "day", 45.0),
}
REASONS = {
    "winning": "{metric} is {value}, at or beyond its target of {target}.",
    "losing": "{metric} is {value}, short of its target of {target}.",
    "too_early": "{metric} cannot be read yet: no decision window of this quarter has closed.",
    "no_data": "{metric} has no value because no feature shipped in this period.",
    "stale": "{metric} was last read from an extract older than it may be.",
    "no_target": "{metric} has no target.",
}


def verdict(metric: str, status: str, value: float | None, **settings: Any) -> dict[str, Any]:
    goal_id, level, name, reading, kind, target = GOALS[metric]
    final = {"arr": 10_000_000.0, "nps": 20.0}.get(metric, target)
    unit, direction = next((card[3], card[4]) for card in CARDS if card[0] == metric)
    end = {"quarter": date(2026, 4, 1), "day": date(2026, 2, 1), "wave": date(2025, 12, 1), "month": date(2026, 1, 1)}
    start = {"quarter": QUARTERS[-1], "day": AS_OF_ON, "wave": date(2025, 11, 3), "month": date(2025, 12, 1)}
    row = {
        "goal_id": goal_id,
        "goal_level": level,
        "goal_name": name,
        "goal_type": "maintain" if level == 3 else "reach",
        "metric_id": metric,
        "reading": reading,
        "org_level": "company",
        "squad_id": None,
        "person_id": None,
        "period_kind": kind,
        "period_start": start[kind],
        "period_end": end[kind],
        "value": value,
        "unit": unit,
        "n": None if value is None else 34,
        "ci_low": None if value is None else value * 0.9,
        "ci_high": None if value is None else value * 1.1,
        "target": final,
        "expected": target,
        "gap": None if value is None else value - final,
        "status": status,
        "status_reason": REASONS[status].format(metric=metric.upper(), value=value, target=target),
        "readable_on": date(2026, 4, 10) if status == "too_early" else None,
        "is_supported_at_95": None,
        "previous_value": None if value is None else value * 0.97,
        "trend": None if value is None else "improving",
        "periods_held": 3,
        "periods_evaluated": 5,
        "goal_period_start": date(2025, 7, 1),
        "goal_period_end": date(2026, 1, 1),
        "goal_period_value": None if value is None else value * 0.98,
        "goal_period_n": None if value is None else 61,
        "goal_period_status": None if level < 3 else ("losing" if direction == "up" else "winning"),
    }
    return row | settings


def company_verdicts() -> list[dict[str, Any]]:
    circt_reason = (
        "P90 of launched insights is 41.0 days, within 45, but only 71.2% of all insights were resolved within "
        "45 days; at least 90.0% are asked. Both have to hold."
    )
    return [
        verdict("arr", "winning", 9_512_300.0, n=402, ci_low=None, ci_high=None),
        verdict("nps", "losing", 12.3, n=268, ci_low=6.1, ci_high=18.5, is_supported_at_95=False),
        verdict("ddqs", "winning", 6.25, n=9, ci_low=5.4, ci_high=7.1),
        verdict("ploar", "too_early", None),
        verdict(
            "circt",
            "losing",
            41.0,
            n=212,
            ci_low=37.0,
            ci_high=49.0,
            status_reason=circt_reason,
            gap=-4.0,
            previous_value=43.0,
        ),
    ]


def person_id(name: str) -> str:
    return name.lower().replace(" ", ".").replace("ê", "e") + "@cxt.example"


def unit_verdicts(units: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    statuses = ["winning", "losing", "too_early", "no_data", "stale", "winning", "losing"]
    values = {"ddqs": (6.4, 5.1), "ploar": (0.8, 0.6), "circt": (38.0, 61.0)}
    for place, unit in enumerate(units):
        for offset, metric in enumerate(values):
            status = statuses[(place * 2 + offset * 3) % len(statuses)]
            value = {"winning": values[metric][0], "losing": values[metric][1]}.get(status)
            yield verdict(metric, status, value, **unit)


def company_values() -> Iterator[dict[str, Any]]:
    def row(
        metric: str, reading: str, kind: str, start: date, end: date, value: float | None, unit: str, target: float
    ):
        return {
            "metric_id": metric, "reading": reading, "org_level": "company", "squad_id": None, "person_id": None,
            "period_kind": kind, "period_start": start, "period_end": end, "value": value, "unit": unit,
            "n": 34, "ci_low": None if value is None else value * 0.9,
            "ci_high": None if value is None else value * 1.1,
            "target": target, "status": "winning", "status_reason": "Where it was then.",
        }  # fmt: skip

    for index, start in enumerate(QUARTERS):
        end = QUARTERS[index + 1] if index + 1 < len(QUARTERS) else date(2026, 4, 1)
        yield row("ddqs", "headline", "quarter", start, end, 5.1 + 0.2 * index - 0.3 * (index == 3), "score", 6.0)
        ploar = None if index == len(QUARTERS) - 1 else 0.55 + 0.05 * index
        yield row("ploar", "headline", "quarter", start, end, ploar, "share", 0.75)
        if index:
            yield row("nps", "unweighted", "wave", start, end, 4.0 + 1.4 * index, "nps", 6 + 1.4 * index)
    for index in range(18):
        start = date(2024 + (6 + index) // 12, (6 + index) % 12 + 1, 1)
        end = (start + timedelta(days=31)).replace(day=1)
        yield row("arr", "headline", "month", start, end, 8e6 + 89_000 * index, "usd", 8e6 + 80_000 * index)
    for index in range(480):
        day = AS_OF_ON - timedelta(days=479 - index)
        wave = math.sin(index / 40)
        p90 = None if index < 20 else float(round(66 - index / 22 + 5 * wave))
        share = None if index < 60 else min(0.97, 0.42 + index / 1650 + 0.04 * wave)
        yield row("circt", "p90_launched", "day", day, day + timedelta(days=1), p90, "days", 45.0)
        yield row("circt", "share_within_45", "day", day, day + timedelta(days=1), share, "share", 0.9)


def unit_values(units: list[dict[str, Any]]) -> pl.DataFrame:
    """The company's values of the lead measures, once more for each squad and person."""
    lead = pl.DataFrame(list(company_values()), infer_schema_length=None).filter(
        pl.col("metric_id").is_in(["ddqs", "ploar", "circt"])
    )
    names = ["org_level", "squad_id", "person_id"]
    schema = dict.fromkeys(names, pl.String)
    return pl.DataFrame(units, schema=schema).join(lead.drop(names), how="cross").select(lead.columns)


def company_tables(squads: dict[str, list[str]] | None = None, features_each: int = 3) -> dict[str, pl.DataFrame]:
    """Every table the pages read; `squads` are those of the company by default."""
    named = squads or SQUADS
    people = [(person_id(name), name, squad) for squad, names in named.items() for name in names]
    everyone = [
        {
            "person_id": person,
            "display_name": name,
            "role": "Product manager",
            "squad_id": squad,
            "is_feature_owner": True,
        }
        for person, name, squad in people
    ]
    units: list[dict[str, Any]] = [{"org_level": "squad", "squad_id": squad} for squad in named]
    units += [{"org_level": "person", "person_id": person} for person, _, _ in people]
    values = pl.DataFrame(list(company_values()), infer_schema_length=None).cast(
        dict.fromkeys(("squad_id", "person_id"), pl.String)
    )
    cards = pl.DataFrame(
        CARDS, schema=["metric_id", "name", "question", "unit", "direction", "max_age_days"], orient="row"
    )
    return {
        "scoreboard": pl.DataFrame([*company_verdicts(), *unit_verdicts(units)], infer_schema_length=None),
        "metric_values": pl.concat([values, unit_values(units)]),
        "dim_metrics": cards.with_columns(
            numerator=pl.lit("What is counted"),
            denominator=pl.lit("All there is"),
            period_kind=pl.lit("quarter"),
            headline_reading=pl.col("metric_id").replace_strict({m: goal[3] for m, goal in GOALS.items()}),
            owner_id=pl.lit(people[0][0]),
            definition_version=pl.lit("1"),
            reviewed_on=pl.lit(date(2026, 1, 15)),
            few_below=pl.lit(5),
            why_it_matters=pl.lit("It says whether we are right."),
        ),
        "dim_people": pl.DataFrame(everyone),
        **records.tables(people, features_each),
        "extract_freshness": provenance.extract_freshness(),
        **provenance.history(),
    }


def publish_tables(published: Path, tables: dict[str, pl.DataFrame], run: dict[str, Any] | None = None) -> Path:
    """A snapshot of these tables, put in place the way `publish` does it."""
    with next_generation(published) as folder:
        listed = {}
        for name, frame in tables.items():
            file = folder / PARQUET / f"{name}.parquet"
            frame.write_parquet(file)
            listed[name] = {"file": f"{PARQUET}/{name}.parquet", "rows": frame.height, "sha256": sha256_of(file)}
        document = {
            "as_of": "2026-01-31T06:00:00Z",
            "versions": {"metrics-py": "0.1.0", "dbt-core": "1.11.16", "duckdb": "2.0.0"},
            "definition_versions": {card[0]: "1" for card in CARDS},
            "tables": listed,
            "run": {
                "failed_tests": [],
                "error_violations": 6,
                "quarantined": [
                    {"source": "productboard", "table": "notes", "rows": 14},
                    {"source": "survey", "table": "survey_responses", "rows": 3},
                ],
            }
            | (run or {}),
        }
        content = json.dumps(document, sort_keys=True).encode()
        (folder / MANIFEST).write_bytes(content)
        (folder / "product_metrics.duckdb").touch()
        install(published, folder, generation_of(content))
    return published
