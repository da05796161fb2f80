"""A warehouse of three public models, one private one and a quarantine, small enough to read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest


def model(
    layer: str,
    name: str,
    *,
    key: list[str] | None = None,
    access: str = "public",
    columns: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "access": access,
        "fqn": ["product_metrics", layer, "goals", name],
        "name": name,
        "alias": name,
        "schema": layer,
        "description": f"What {name} holds; it's tested.",
        "checksum": {"name": "sha256", "checksum": f"sum-of-{name}"},
        "constraints": [{"type": "primary_key", "columns": key}] if key else [],
        "columns": {
            column: {"description": description, "constraints": []} for column, description in (columns or {}).items()
        },
    }


@pytest.fixture
def manifest() -> dict[str, Any]:
    nodes = {
        node["name"]: node
        for node in (
            model("marts", "fct_insights", key=["insight_id"], columns={"insight_id": "The note's id."}),
            model("marts", "fct_integrity_violations", key=["violation_id"]),
            model("metrics", "metric_values"),
            model("intermediate", "int_goals__pace", access="protected"),
        )
    }
    nodes["seed.goals"] = {
        "resource_type": "seed",
        "name": "goals",
        "fqn": ["product_metrics", "goals", "goals"],
        "checksum": {"name": "sha256", "checksum": "sum-of-goals"},
    }
    return {
        "metadata": {"dbt_version": "1.11.16", "project_name": "product_metrics"},
        "nodes": nodes,
        "macros": {"macro.product_metrics.org_date": {"package_name": "product_metrics", "macro_sql": "{% macro %}"}},
        "sources": {
            "source.product_metrics.landing.raw_quarantine": {
                "name": "raw_quarantine",
                "identifier": "raw_quarantine",
                "schema": "raw",
            }
        },
    }


def build_warehouse(path: Path, *, build: int = 1, insights: int = 50) -> Path:
    """Rows come in an order of the build's own; every value of the build carries its number."""
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        connection.execute(f"""
            create schema marts; create schema metrics; create schema intermediate; create schema raw;
            create table marts.fct_insights as
                select
                    'n-' || lpad(i::varchar, 6, '0') as insight_id,
                    {build} as build_number,
                    cast(i as double) / 7 as cycle_share,
                    case when i % 5 = 0 then null else i end as cycle_days
                from range({insights}) numbers(i)
                order by hash(i + {build});
            create table marts.fct_integrity_violations as
                select 'v-' || i as violation_id, case when i < 2 then 'error' else 'warn' end as severity
                from range(5) numbers(i);
            create table metrics.metric_values as
                select
                    metric_id, '1' as definition_version, 'headline' as reading, {build} as build_number,
                    timestamp '2026-01-31 06:00:00' as as_of, 0.1::double + 0.2 as value
                from (values ('circt'), ('arr')) metrics(metric_id);
            create table intermediate.int_goals__pace as select 1 as secret;
            create table raw.raw_quarantine as
                select 'productboard' as source, 'notes' as table_name, extracted_at
                from (values (timestamp '2026-01-30'), (timestamp '2026-01-31'), (timestamp '2026-02-07'))
                    records(extracted_at);
        """)
    return path


@pytest.fixture
def warehouse(tmp_path: Path) -> Callable[..., Path]:
    return lambda **settings: build_warehouse(tmp_path / "warehouse.duckdb", **settings)
