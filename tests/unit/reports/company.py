"""A published snapshot of key results of every status, judged by the library and written without a warehouse."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from metrics_py.okr.evaluation import key_result_statuses
from metrics_py.publish.generation import MANIFEST, PARQUET, generation_of, install, next_generation, sha256_of

AS_OF = "2026-01-31T06:00:00Z"
TODAY = date(2026, 1, 31)
QUARTER = (date(2026, 1, 1), date(2026, 4, 1))
HALF = (date(2025, 10, 1), date(2026, 4, 1))
CLOSED = (date(2025, 7, 1), date(2025, 10, 1))

# id, name, objective, unit, baseline, target, weekly change, readings, goal type, period, recovery plan
KEY_RESULTS = [
    ("kr-activation", "Share of new teams active after 30 days reaches 72%", "New teams find their feet", "share",
     0.58, 0.72, 0.0062, 17, "reach", HALF, None),
    ("kr-dispatch", "Median minutes from order to dispatch fall to 12", "Dispatchers get loads out faster", "minutes",
     18.0, 12.0, -0.12, 17, "reach", HALF, "Chloe books six ride-alongs by 9 February and cuts the search step."),
    ("kr-invoices", "Share of invoices sent without a support contact reaches 50%", "Customers bill without calling us",
     "share", 0.31, 0.5, 0.0005, 17, "reach", HALF, None),
    ("kr-arr", "Annual recurring revenue reaches $10M", "Customers stay and grow with us", "usd",
     8_000_000.0, 10_000_000.0, 74_500.0, 17, "reach", HALF, None),
    ("kr-csat", "Satisfaction of carriers reaches 8", "Carriers like working with us", "score",
     7.0, 8.0, 0.0, 0, "reach", QUARTER, None),
    ("kr-renewals", "Renewal rate reaches 92%", "Customers stay and grow with us", "share",
     0.9, 0.92, 0.0004, 4, "reach", HALF, None),
    ("kr-onboarding", "Days from contract to first load fall to 10", "New teams find their feet", "days",
     21.0, 10.0, -0.69, 17, "reach", HALF, None),
    ("kr-uptime", "Share of days without an incident stays at 99% or more", "Nobody waits for us", "share",
     0.99, 0.99, 0.0, 17, "maintain", HALF, None),
    ("kr-nps", "Relationship NPS reaches 20", "Customers recommend us", "nps",
     6.0, 20.0, 0.1, 1, "reach", QUARTER, None),
]  # fmt: skip
CLOSED_KEY_RESULTS = [
    ("kr-a", "30-day activation reaches 72%", "New teams find their feet", "%", 58.0, 72.0, 68.5),
    ("kr-b", "30-day retention reaches 78%", "New teams stay", "%", 71.0, 78.0, 76.2),
    ("kr-c", "Weekly planners per team reach 15", "Dispatchers get loads out faster", "count", 11.0, 15.0, 13.4),
]
PEOPLE = {
    "ana.silva@cxt.example": ("Ana Silva", "Product manager", "dispatch"),
    "chloe.tran@cxt.example": ("Chloe Tran", "Product manager", "dispatch"),
    "theo.lang@cxt.example": ("Theo Lang", "Chief product officer", None),
}


def _readings(row: tuple[Any, ...]) -> list[dict[str, Any]]:
    key, _, _, _, baseline, _, weekly, count, kind, (start, _), _ = row
    noise = [0.3, -0.4, 0.1, 0.5, -0.2, -0.3, 0.4, -0.1]
    last = TODAY - timedelta(days=3 if key != "kr-renewals" else 75)
    days = [last - timedelta(days=7 * back) for back in range(count)][::-1]
    return [
        {
            "key_result_id": key,
            "observed_on": day,
            "value": 0.97 + 0.01 * noise[index % 8] if kind == "maintain"
            else round(baseline + weekly * ((day - start).days / 7 + noise[index % 8]), 4),
            "matured_share": 0.3 if key == "kr-nps" else 1.0,
        }
        for index, day in enumerate(days)
        if day >= start
    ]  # fmt: skip


def status_rows(rows: list[tuple[Any, ...]], evaluated_on: list[date]) -> pl.DataFrame:
    """The rows of `key_result_status` as published: the library's verdicts under the published names."""
    agreed = pl.DataFrame(
        [
            {
                "key_result_id": row[0], "baseline": row[4], "baseline_on": row[9][0], "target": row[5],
                "period_start": row[9][0], "period_end": row[9][1], "cadence_days": 7, "measurement_lag_days": 0,
                "goal_type": row[8], "direction": "up" if row[5] >= row[4] else "down",
            }
            for row in rows
        ]
    )  # fmt: skip
    said = [reading for row in rows for reading in _readings(row)]
    schema = {"key_result_id": pl.String, "observed_on": pl.Date, "value": pl.Float64, "matured_share": pl.Float64}
    judged = key_result_statuses(agreed, pl.DataFrame(said, schema=schema), evaluated_on=evaluated_on)
    return _published_names(judged, rows, evaluated_on[-1])


def _published_names(judged: pl.DataFrame, rows: list[tuple[Any, ...]], latest: date) -> pl.DataFrame:
    by_id = {row[0]: row for row in rows}
    owners = list(PEOPLE)
    order = {row[0]: place for place, row in enumerate(rows)}
    renamed = judged.rename(
        {
            "value": "current_value", "observed_on": "current_on", "progress_ratio": "pace_ratio",
            "required_pace_per_week": "required_per_week", "best_pace_per_week": "best_per_week",
            "forecast": "forecast_value", "low_80": "forecast_low_80", "high_80": "forecast_high_80",
            "points": "n_points", "status_by_pace_gap": "other_rule_pace_gap_status",
            "status_by_ratio_bands": "other_rule_ratio_band_status", "status_override": "override_status",
        }
    )  # fmt: skip
    plans = {row[0]: row[10] if len(row) > 10 else None for row in rows}
    described = [
        {
            "name": by_id[key][1],
            "objective_id": slug(by_id[key][2]),
            "owner_id": owners[order[key] % len(owners)],
            "squad_id": "dispatch",
            "unit": by_id[key][3],
            "has_recovery_plan": plans[key] is not None,
            "recovery_plan": plans[key],
        }
        for key in judged["key_result_id"]
    ]
    renamed = renamed.drop("recovery_plan", "status_rule", strict=False)
    return pl.concat(
        [renamed, pl.DataFrame(described, schema_overrides={"recovery_plan": pl.String}, infer_schema_length=None)],
        how="horizontal",
    ).with_columns(
        pl.lit(datetime.fromisoformat(AS_OF.removesuffix("Z"))).alias("as_of"),
        pl.lit(None, dtype=pl.String).alias("metric_id"),
        pl.lit(None, dtype=pl.String).alias("override_by"),
        pl.concat_str(
            pl.col("status_reason").str.slice(0, 1).str.to_uppercase(),
            pl.col("status_reason").str.slice(1),
            pl.lit("."),
        ),
        pl.col("override_status").is_not_null().alias("is_override_live"),
        ((pl.col("status") == "off_track") & ~pl.col("has_recovery_plan")).alias("is_escalated"),
        (pl.col("evaluated_on") == latest).alias("is_latest"),
    )


def closed_rows() -> pl.DataFrame:
    """The worked example at its end: 68.5, 76.2 and 13.4."""
    rows = [
        (key, name, objective, unit, baseline, target, 0.0, 0, "reach", CLOSED)
        for key, name, objective, unit, baseline, target, _ in CLOSED_KEY_RESULTS
    ]
    agreed = pl.DataFrame(
        [
            {
                "key_result_id": row[0], "baseline": row[4], "baseline_on": row[9][0], "target": row[5],
                "period_start": row[9][0], "period_end": row[9][1], "cadence_days": 7, "measurement_lag_days": 0,
                "goal_type": "reach", "direction": "up",
            }
            for row in rows
        ]
    )  # fmt: skip
    said = [
        {"key_result_id": row[0], "observed_on": day, "value": value, "matured_share": 1.0}
        for row in CLOSED_KEY_RESULTS
        for day, value in ((CLOSED[0] + timedelta(days=7), row[4] + 1), (CLOSED[1] - timedelta(days=2), row[6]))
    ]
    judged = key_result_statuses(agreed, pl.DataFrame(said), evaluated_on=[TODAY])
    return _published_names(judged, rows, TODAY)


def okr_tables(key_results: list[tuple[Any, ...]] | None = None) -> dict[str, pl.DataFrame]:
    """The published tables that the documents read."""
    running = KEY_RESULTS if key_results is None else key_results
    evaluated_on = [TODAY - timedelta(days=7 * back) for back in range(4)][::-1]
    status = pl.concat([status_rows(running, evaluated_on), closed_rows()], how="diagonal")
    everything = [*running, *[(*row[:6], 0, 0, "reach", CLOSED, None) for row in CLOSED_KEY_RESULTS]]
    owners = dict(status.select("key_result_id", "owner_id").unique().iter_rows())
    checkins = [
        {
            "key_result_id": reading["key_result_id"],
            "observed_on": reading["observed_on"],
            "recording_number": 1,
            "observed_value": reading["value"],
            "matured_share": 1.0,
            "recorded_at": datetime.combine(reading["observed_on"], datetime.min.time()),
            "recorded_by": owners[reading["key_result_id"]],
            "checkin_comment": None,
            "exclusion_reason": None,
        }
        for row in running
        for reading in _readings(row)
    ]
    first = running[0][0]
    return {
        "key_result_status": status,
        "dim_key_results": pl.DataFrame(
            [
                {
                    "key_result_id": row[0], "objective_id": slug(row[2]), "objective": row[2],
                    "depends_on": first if row in running[1:3] else None, "direction":
                    "up" if row[5] >= row[4] else "down", "measure": row[0], "key_result_name": row[1],
                    "goal_id": "nps-2026", "goal_type": row[8], "org_level": "squad", "squad_id": "dispatch",
                    "original_target": 13.0 if row[0] == "kr-dispatch" else None,
                    "target_changed_on": date(2025, 11, 17) if row[0] == "kr-dispatch" else None,
                    "target_change_reason": "The new search step was brought forward." if row[0] == "kr-dispatch"
                    else None,
                    "unit": row[3], "baseline": row[4], "target": row[5], "period_start": row[9][0],
                    "period_end": row[9][1], "owner_id": owners[row[0]], "cadence_days": 7,
                    "measurement_lag_days": 0, "weight": 1.0 + (row[0] == first),
                }
                for row in everything
            ],
            schema_overrides={"depends_on": pl.String, "original_target": pl.Float64, "target_changed_on": pl.Date,
                              "target_change_reason": pl.String},
        ),
        "dim_people": pl.DataFrame(
            [
                {"person_id": person, "display_name": name, "role": role, "squad_id": squad, "is_feature_owner": True}
                for person, (name, role, squad) in PEOPLE.items()
            ]
        ),
        "fct_key_result_checkins": pl.DataFrame(
            checkins, schema={
                "key_result_id": pl.String, "observed_on": pl.Date, "recording_number": pl.Int64,
                "observed_value": pl.Float64, "matured_share": pl.Float64, "recorded_at": pl.Datetime,
                "recorded_by": pl.String, "checkin_comment": pl.String, "exclusion_reason": pl.String,
            }
        ),
        "initiative_links": pl.DataFrame(
            [
                initiative("guided-setup", "Guided set-up for new teams", first, date(2026, 2, 20), None, 0.03),
                initiative("search-step", "One search box instead of four", first, date(2025, 12, 1),
                           date(2025, 12, 8), 0.02),
                initiative("settlement-planner", "Settlement planner", "kr-a", date(2025, 8, 1),
                           date(2025, 8, 20), 3.0),
                initiative("reminders", "Reminders to planners", "kr-c", date(2025, 9, 1), None, 1.0),
                initiative("new-brand", "A new look for the site", None, date(2025, 10, 6), None, None),
            ],
            infer_schema_length=None,
            schema_overrides={"launch_on": pl.Date},
        ),
        "learnings": pl.DataFrame(
            [
                {"learning_id": "learning-003", "period": "2025Q3", "key_result_id": "kr-a", "initiative_id":
                 "settlement-planner", "learned": "Dispatchers keep the old screen open until it can print.",
                 "evidence": "Six dispatcher interviews in August", "written_by": "ana.silva@cxt.example"},
                {"learning_id": "learning-002", "period": "2025Q2", "key_result_id": "kr-b", "initiative_id": None,
                 "learned": "Triage was never the slow part.", "evidence": "Segments of the clock by week",
                 "written_by": "theo.lang@cxt.example"},
            ],
            schema_overrides={"initiative_id": pl.String},
        ),
        "dim_dates": pl.DataFrame(
            [
                {"date_on": start, "quarter_start": start, "quarter_end": end, "fiscal_quarter": name}
                for name, start, end in quarters()
            ]
        ),
    }  # fmt: skip


def slug(text: str) -> str:
    return text.lower().replace(" ", "-")


def quarters() -> list[tuple[str, date, date]]:
    """Name, first day and day after the last of the quarters around."""
    starts = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(0, 27, 3)]
    return [(f"{start.year}Q{(start.month + 2) // 3}", start, end) for start, end in pairwise(starts)]


def initiative(
    key: str, name: str, key_result: str | None, planned: date, launched: date | None, effect: float | None
) -> dict[str, Any]:
    return {
        "link_id": f"{key}/{key_result or 'none'}",
        "initiative_id": key, "name": name, "owner_id": "ana.silva@cxt.example", "squad_id": "dispatch",
        "feature_id": None, "launch_on": launched, "planned_launch_on": planned,
        "status": "launched" if launched else "planned", "key_result_id": key_result, "goal_id": "nps-2026",
        "effect": effect, "probability": None if effect is None else 0.5, "evidence_grade": "asserted",
        "mechanism": None if key_result is None else "It takes a step away.", "is_orphan": key_result is None,
        "orphan_reason": None if key_result else "no_key_result",
    }  # fmt: skip


def publish_tables(published: Path, tables: Mapping[str, pl.DataFrame], *, as_of: str = AS_OF) -> Path:
    """A snapshot of these tables, put in place the way `publish` does it."""
    with next_generation(published) as folder:
        listed = {}
        for name, frame in tables.items():
            file = folder / PARQUET / f"{name}.parquet"
            frame.write_parquet(file)
            listed[name] = {"file": f"{PARQUET}/{name}.parquet", "rows": frame.height, "sha256": sha256_of(file)}
        content = json.dumps({"as_of": as_of, "tables": listed}, sort_keys=True).encode()
        (folder / MANIFEST).write_bytes(content)
        (folder / "product_metrics.duckdb").touch()
        install(published, folder, generation_of(content))
    return published
