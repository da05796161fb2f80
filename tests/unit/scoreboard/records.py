"""The tables behind the measures, small and made up: every kind of row a page lists occurs."""

from datetime import date, timedelta
from typing import Any

import polars as pl

AS_OF_ON = date(2026, 1, 31)
QUARTERS = [date(2024, 7, 1), date(2024, 10, 1), *(date(2025, month, 1) for month in (1, 4, 7, 10)), date(2026, 1, 1)]
NAMES = ("Route", "Load", "Dock", "Invoice", "Fuel", "Yard", "Carrier", "Driver")
THINGS = ("planner", "alerts", "timeline", "approvals", "import", "score")
STAGES = ("discover", "define", "develop", "deliver", "measure_learn")

People = list[tuple[str, str, str]]


def tables(people: People, features_each: int) -> dict[str, pl.DataFrame]:
    """Everything but the values, the verdicts and the organisation itself."""
    features = _features(people, features_each)
    return {
        "dim_goals": _goals(people[0][0]),
        **_feature_tables(features),
        "fct_integrity_violations": _violations(features),
        "first_pass_by_gate": pl.DataFrame(
            {
                "stage": ["discover", "define"],
                "stage_position": [1, 2],
                "first_pass_count": [9, 7],
                "reviewed_count": [10, 10],
                "first_pass_rate": [0.9, 0.7],
            }
        ),
        **_insight_tables(features),
        **_quarter_tables(),
        **_survey_tables(),
        "arr_by_month": _months(),
        "metric_evidence": _evidence(),
        **_key_result_tables(people),
    }


_LINES = {"arr-2026": (8_000_000.0, 10_000_000.0), "nps-2026": (6.0, 20.0)}


def _goals(owner: str) -> pl.DataFrame:
    parents = {"arr-2026": None, "nps-2026": "arr-2026"} | {
        f"{metric}-2025h2": "nps-2026" for metric in ("ddqs", "ploar", "circt")
    }
    return pl.DataFrame(
        [
            {
                "goal_id": goal,
                "goal_name": f"Goal {goal}",
                "metric_id": goal.split("-")[0],
                "goal_type": "reach" if goal in _LINES else "maintain",
                **dict(zip(("baseline", "target"), _LINES.get(goal, (None, 6.0)), strict=True)),
                "baseline_on": date(2025, 1, 1) if goal in _LINES else None,
                "period_end": date(2026, 7, 1) if goal in _LINES else date(2026, 1, 1),
                "owner_id": owner,
                "parent_goal_id": parent,
                "mechanism": None if parent is None else "The one leads to the other.",
                "expected_sign": None if parent is None else "positive",
                "lag_days": None if parent is None else 90,
                "evidence_grade": None if parent is None else "asserted",
            }
            for goal, parent in parents.items()
        ],
        infer_schema_length=None,
    )


def _features(people: People, each: int) -> list[dict[str, Any]]:
    made = []
    for owner_place, (person, _, squad) in enumerate(people):
        for number in range(each):
            place = owner_place * each + number
            shipped = None if number % 3 == 2 else AS_OF_ON - timedelta(days=20 + (place * 37) % 500)
            is_matured = None if shipped is None else (AS_OF_ON - shipped).days > 100
            made.append(
                {
                    "feature_id": f"f{place:05d}",
                    "feature_name": f"{NAMES[place % 8]} {THINGS[place // 8 % 6]} {place}",
                    "person_id": person,
                    "squad_id": squad,
                    "shipped_on": shipped,
                    "ddqs": None if shipped is None or place % 7 == 6 else 4.0 + place % 6,
                    "ddqs_reason": "no_develop_pass" if shipped and place % 7 == 6 else None,
                    "matured_on": None if shipped is None else shipped + timedelta(days=100),
                    "is_matured": is_matured,
                    "is_hit": None if is_matured is None else bool(is_matured and place % 2),
                    "place": place,
                }
            )
    return made


def _feature_tables(features: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    frame = pl.DataFrame(features, infer_schema_length=None)
    is_shipped = pl.col("shipped_on").is_not_null()
    facts = frame.select(
        "feature_id",
        "feature_name",
        "shipped_on",
        ship_quarter_start=pl.col("shipped_on").dt.truncate("1q"),
        ship_person_id=pl.when(is_shipped).then("person_id"),
        ship_squad_id=pl.when(is_shipped).then("squad_id"),
        ddqs="ddqs",
        ddqs_reason="ddqs_reason",
        kpi_count=pl.lit(2.0),
        kpi_met_count=pl.lit(1.0),
        guardrail_breach_count=pl.lit(0.0),
        matured_on="matured_on",
        is_matured="is_matured",
        is_hit="is_hit",
        is_early_hit=pl.lit(False),
        miss_stage=pl.when(pl.col("is_matured") & ~pl.col("is_hit")).then(pl.lit("deliver")),
        exclusion_reason=pl.when(~is_shipped).then(pl.lit("not_shipped")),
    )
    stages = frame.select(
        "feature_id",
        stage=pl.when(is_shipped).then(pl.lit("measure_learn")).otherwise(pl.lit("develop")),
        stage_position=pl.when(is_shipped).then(5).otherwise(3),
        entered_on=pl.lit(date(2026, 1, 1)),
        left_on=pl.lit(None, pl.Date),
        days_in_stage=pl.lit(30),
    )
    known = frame.select(
        "feature_id",
        "feature_name",
        "person_id",
        "squad_id",
        is_archived=pl.lit(False),
        is_subfeature=pl.lit(False),
    )
    work = frame.group_by("squad_id").agg(in_progress_count=is_shipped.not_().sum()).sort("squad_id")
    return {
        "dim_features": known,
        "fct_features": facts,
        "fct_feature_stages": stages,
        "wip_by_day": work.with_columns(day=pl.lit(AS_OF_ON), wip_limit=pl.lit(5)),
    }


def _violations(features: list[dict[str, Any]]) -> pl.DataFrame:
    rules = [
        ("kpi_changed_after_define", "error", "A KPI target changed after Define without a reason.", 4),
        ("launched_without_deliver", "error", "A feature launched without passing Deliver.", 2),
        ("outcome_review_missing", "warn", "An outcome review was not held.", 11),
    ]
    return pl.DataFrame(
        [
            {
                "rule_id": rule,
                "severity": severity,
                "sentence": sentence,
                "what_to_do": "Write down what happened and who decided it.",
                "happened_on": date(2026, 1, 1 + number),
                "entity_type": "gate_review",
                "entity_id": f"g-{number:03d}",
                "feature_id": features[number]["feature_id"],
                "person_id": features[number]["person_id"],
                "squad_id": features[number]["squad_id"],
                "evidence": "decided on 3 January",
            }
            for rule, severity, sentence, count in rules
            for number in range(count)
        ]
    )


def _insight_tables(features: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    ages = [3, 40, 44, 46, 90, 200]
    ageing = [
        {
            "insight_id": f"n-{feature['place']:05d}-{age}",
            "started_on": AS_OF_ON - timedelta(days=age),
            "age_days": age,
            "breaks_45_on": AS_OF_ON - timedelta(days=age - 46),
            "is_overdue": age > 45,
            "reason": "archived" if age == 200 else None,
            "first_card_feature_id": feature["feature_id"],
            "furthest_stage": "planned",
            "person_id": feature["person_id"],
            "squad_id": feature["squad_id"],
        }
        for feature in features
        if feature["shipped_on"] is None
        for age in ages
    ]
    segments = ["inbox_wait", "triage", "validation", "delivery"]
    days = [AS_OF_ON - timedelta(days=479 - index) for index in range(480)]
    by_day = pl.DataFrame({"day": days}).with_row_index("index").with_columns(
        org_level=pl.lit("company"),
        is_p90_launched_met=pl.lit(True),
        is_share_within_45_met=pl.col("index") != 479,
        is_disagreement=pl.col("index") == 479,
        launched_count=pl.lit(88),
        p90_launched=pl.lit(41),
        p90_with_open=pl.lit(None, pl.Int64),
        p90_with_open_ci_low=pl.lit(None, pl.Int64),
        p90_with_open_ci_high=pl.lit(None, pl.Int64),
        under_watch_count=pl.lit(310),
        share_within_45=pl.lit(0.712),
        within_count=pl.lit(121),
        started_count=pl.lit(170),
        open_count=pl.lit(228),
        overdue_count=pl.lit(207),
        share_within_45_at_worst=pl.lit(0.2),
        share_within_45_at_best=pl.lit(0.4),
        **{f"p90_{segment}_days": (pl.col("index") + 40 * place) % 30 for place, segment in enumerate(segments)},
    )  # fmt: skip
    bottlenecks = [
        {
            "org_level": level,
            "squad_id": squad,
            "segment": segment,
            "segment_order": place,
            "week_count": 60,
            "break_week": date(2025, 9, 1),
            "median_days_before": 4.0,
            "median_days_after": 9.0 if segment == "validation" else 4.2,
            "p_value_holm": 0.004 if segment == "validation" else 0.6,
            "has_expanded": segment == "validation",
            "is_bottleneck": segment == "validation",
            "bottleneck": "validation",
            "root_cause": "Ideas wait for a decision" if segment == "validation" else None,
            "intervention": "Time-box Discover" if segment == "validation" else None,
        }
        for level, squad in (("company", None), ("squad", features[0]["squad_id"]))
        for place, segment in enumerate(segments)
    ]
    insights = pl.DataFrame({"cycle_days": [(7 * number) % 100 for number in range(200)]}).with_columns(
        state=pl.lit("resolved"), resolved_on=pl.lit(AS_OF_ON - timedelta(days=10))
    )
    return {
        "ageing_insights": pl.DataFrame(ageing, infer_schema_length=None),
        "circt_by_day": by_day.drop("index"),
        "circt_bottlenecks": pl.DataFrame(bottlenecks, infer_schema_length=None),
        "fct_insights": insights,
        "insight_exclusions": pl.DataFrame(
            {
                "subject": ["note", "insight"],
                "reason": ["not_linked", "launched_before_start"],
                "left_out_count": [333, 47],
            }
        ),
    }


def _quarter_tables() -> dict[str, pl.DataFrame]:
    ends = [*QUARTERS[1:], date(2026, 4, 1)]
    base = pl.DataFrame({"quarter_start": QUARTERS, "quarter_end": ends}).with_columns(org_level=pl.lit("company"))
    counts = {"shipped_count": 10, "scored_count": 9, "at_target_count": 6, "few_interviews_count": 1}
    means = {"mean_confidence": 2.4, "mean_interviews": 4.1, "mean_discover_days": 9.0, "mean_define_days": 6.0}
    ddqs = base.with_columns(ipf_failed_count=pl.lit(1), **{n: pl.lit(v) for n, v in (counts | means).items()})
    outcomes = {"shipped_count": 10, "matured_count": 7, "hit_count": 5, "pending_count": 3}
    misses = ("discover", "define", "develop", "deliver", "enablement", "undiagnosed")
    ploar = base.with_columns(
        lower_bound=pl.lit(0.5),
        upper_bound=pl.lit(0.8),
        final_after_grace_on=pl.lit(date(2026, 4, 10)),
        **{name: pl.lit(value) for name, value in outcomes.items()},
        **{f"miss_{stage}_count": pl.lit(int(stage == "deliver")) for stage in misses},
    )
    return {"ddqs_by_quarter": ddqs, "ploar_by_quarter": ploar}


def _survey_tables() -> dict[str, pl.DataFrame]:
    waves = pl.DataFrame({"wave_id": ["2025Q3", "2025Q4"], "period_start": [date(2025, 8, 4), date(2025, 11, 3)]})
    numbers = {
        "promoter_count": 109, "passive_count": 96, "detractor_count": 66, "scored_count": 271, "response_rate": 0.3,
        "representativeness": 0.88, "n_effective": 240.0, "change": -0.7,
        "change_ci_low": -12.0, "change_ci_high": 14.0,
        "answers_needed": 450, "covered_share": 0.98, "nps": 12.3, "unweighted_nps": 15.9, "raked_nps": 11.2,
    }  # fmt: skip
    strata = pl.DataFrame({"stratum": ["new|heavy", "new|light"], "is_suppressed": [False, True]}).with_columns(
        wave_id=pl.lit("2025Q4"),
        frame_share=pl.lit(0.4),
        respondent_share=pl.lit(0.6),
        scored_count=pl.lit(22),
        nps=pl.when(pl.col("is_suppressed")).then(None).otherwise(-4.5),
        ci_low=pl.when(pl.col("is_suppressed")).then(None).otherwise(-35.8),
        ci_high=pl.when(pl.col("is_suppressed")).then(None).otherwise(27.8),
        weight=pl.lit(0.53),
    )
    answers = pl.DataFrame({"exclusion_reason": [None, "late", "late", "partial"]})
    return {
        "nps_by_wave": waves.with_columns(**{name: pl.lit(value) for name, value in numbers.items()}),
        "nps_by_stratum": strata,
        "fct_survey_responses": answers,
    }


def _months() -> pl.DataFrame:
    months = [date(2024 + (6 + index) // 12, (6 + index) % 12 + 1, 1) for index in range(18)]
    moved = {"new": 90_000.0, "expansion": 40_000.0, "reactivation": 0.0, "contraction": -20_000.0, "churn": -21_000.0}
    return pl.DataFrame({"month_start": months}).with_row_index("index").select(
        "month_start",
        is_open=pl.col("index") == 17,
        is_covered=pl.lit(True),
        arr=8e6 + 89_000.0 * pl.col("index"),
        opening_arr=pl.when(pl.col("index") > 0).then(8e6 + 89_000.0 * (pl.col("index") - 1)),
        account_count=pl.lit(369),
        gross_retention_rate=pl.lit(0.985),
        net_retention_rate=pl.lit(1.003),
        **{f"{kind}_arr": pl.lit(amount) for kind, amount in moved.items()},
    )  # fmt: skip


def _evidence() -> pl.DataFrame:
    kinds = {
        "ddqs": ("headline", "quarter", "feature", "no_develop_pass"),
        "ploar": ("headline", "quarter", "feature", "not_matured_yet"),
        "circt": ("p90_launched", "day", "insight", "archived"),
        "nps": ("unweighted", "wave", "survey_response", "late"),
        "arr": ("headline", "month", "account_month", "other_currency"),
    }
    return pl.DataFrame(
        [
            {
                "metric_id": metric,
                "reading": reading,
                "org_level": "company",
                "period_kind": period,
                "first_period_start": date(2024, 7, 1),
                "last_period_start": AS_OF_ON,
                "row_kind": kind,
                "row_id": f"f{place:05d}" if kind == "feature" else f"{kind}-{place}",
                "is_in": place < 45,
                "reason": None if place < 45 else reason,
                "amount": 6.5 if place < 45 else None,
                "event_on": AS_OF_ON - timedelta(days=place),
            }
            for metric, (reading, period, kind, reason) in kinds.items()
            for place in range(60)
        ],
        infer_schema_length=None,
    )


def _key_result_tables(people: People) -> dict[str, pl.DataFrame]:
    statuses = [("kr-minutes", "at_risk", 14.6), ("kr-churn", "on_track", 14.2), ("kr-calls", "no_data", None)]
    rows = []
    for place, (identifier, status, value) in enumerate(statuses):
        for week in range(4):
            rows.append(_evaluation(identifier, status, value, people[place], week))
    forecasts = [
        {
            "key_result_id": "kr-minutes",
            "made_on": date(2026, 1, 26),
            "target_on": date(2026, 4, 1),
            "method": "mixture",
            "value": 14.1,
            "low_80": 13.4,
            "high_80": 14.8,
            "low_95": 13.0,
            "high_95": 15.2,
        }
    ]
    initiative = {
        "key_result_id": "kr-minutes", "name": "Load alerts", "owner_id": people[0][0], "feature_id": "f00001",
        "launch_on": date(2026, 1, 5), "planned_launch_on": date(2026, 1, 5), "status": "launched", "effect": -0.3,
        "probability": 0.5, "evidence_grade": "observed", "mechanism": "It saves a search.", "is_orphan": False,
        "orphan_reason": None,
    }  # fmt: skip
    orphan = initiative | {
        "key_result_id": None,
        "name": "A new logo",
        "is_orphan": True,
        "orphan_reason": "no_key_result",
    }
    link = {
        "goal_id": "ddqs-2025h2", "leads_to_goal_id": "nps-2026", "mechanism": "Better features please.",
        "lag_quarters": 1, "evidence_grade": "asserted", "n_quarters": 4, "supports": 3, "verdict": "undecided",
    }  # fmt: skip
    learned = {
        "key_result_id": "kr-minutes", "period": "2025Q4", "learned": "Trust comes from a reason.",
        "evidence": "Twelve sessions", "written_by": people[0][0],
    }  # fmt: skip
    objective = {"objective_id": "obj-1", "objective": "Dispatchers get loads out faster"}
    objectives = [objective | {"key_result_id": "kr-minutes", "direction": "down"}]
    return {
        "key_result_status": pl.DataFrame(rows, infer_schema_length=None),
        "key_result_forecasts": pl.DataFrame(forecasts),
        "initiative_links": pl.DataFrame([initiative, orphan], infer_schema_length=None),
        "goal_links": pl.DataFrame([link]),
        "learnings": pl.DataFrame([learned]),
        "dim_key_results": pl.DataFrame(objectives),
    }


def _evaluation(
    identifier: str, status: str, value: float | None, owner: tuple[str, str, str], week: int
) -> dict[str, Any]:
    return {
        "key_result_id": identifier, "objective_id": "obj-1", "name": f"Key result {identifier}", "goal_type": "reach",
        "metric_id": "nps" if identifier == "kr-churn" else None, "owner_id": owner[0], "squad_id": owner[2],
        "org_level": "squad", "period_start": date(2026, 1, 1), "period_end": date(2026, 4, 1),
        "evaluated_on": date(2026, 1, 5) + timedelta(days=7 * week), "baseline": 15.0, "target": 13.5,
        "current_value": None if value is None else value + 0.1 * (3 - week),
        "current_on": None if value is None else date(2026, 1, 4) + timedelta(days=7 * week), "unit": "minutes",
        "progress": None if value is None else 0.3, "expected_progress": 0.32, "expected_mode": "linear",
        "pace_per_week": -0.05, "required_per_week": -0.13, "best_per_week": -0.11,
        "p_hit": 0.41 if identifier == "kr-minutes" else None,
        "forecast_value": 14.1 if identifier == "kr-minutes" else None,
        "forecast_low_80": 13.4 if identifier == "kr-minutes" else None,
        "forecast_high_80": 14.8 if identifier == "kr-minutes" else None,
        "status": status, "status_reason": "The chance of reaching the target is 41%.", "readable_on": None,
        "confidence": "Medium", "n_points": 4, "matured_share": 1.0, "other_rule_pace_gap_status": "off_track",
        "other_rule_ratio_band_status": "at_risk", "rules_disagree": True,
        "override_status": "on_track" if identifier == "kr-minutes" else None,
        "override_reason": "The big launch is next week" if identifier == "kr-minutes" else None,
        "override_by": owner[0] if identifier == "kr-minutes" else None,
        "override_expires_on": date(2026, 2, 28) if identifier == "kr-minutes" else None,
        "is_override_live": identifier == "kr-minutes", "key_question": "Will the launch move it?",
        "recommendation": "Read it weekly.", "has_recovery_plan": False, "recovery_plan": None, "is_escalated": False,
        "readings_held": 2, "readings_judged": 3, "is_latest": week == 3,
    }  # fmt: skip
