"""Where the small company's numbers come from: how fresh its extracts are, and what its second publish changed."""

from datetime import date, datetime, timedelta

import polars as pl

_PLOAR = {
    "metric_id": "ploar",
    "publish_number": 2,
    "previous_as_of": datetime(2026, 1, 24, 6),
    "reading": "headline",
    "period_kind": "quarter",
    "period_start": date(2025, 7, 1),
    "period_end": date(2025, 10, 1),
    "unit": "share",
    "old_target": 0.75,
    "new_target": 0.75,
    "old_status": "winning",
    "new_status": "losing",
}
_COMPANY = {"org_level": "company", "org_unit_id": "company", "old_value": 0.8, "new_value": 0.7}
_PERSON = {"org_level": "person", "org_unit_id": "ana.silva@cxt.example", "old_value": 0.6, "new_value": 0.6}


def extract_freshness() -> pl.DataFrame:
    """Two tables as fresh as they should be, and one that is not."""
    tables = [
        ("jira", "issue", 8, 31, False),
        ("productboard", "notes", 0, 8, True),
        ("survey", "survey_responses", 130, 100, False),
    ]
    return pl.DataFrame(
        [
            {
                "source": source,
                "table_name": table,
                "newest_at": datetime(2026, 1, 31, 6) - timedelta(days=age),
                "age_days": age,
                "max_age_days": limit,
                "is_stale": age > limit,
                "is_full": is_full,
                "extract_count": 12,
                "newest_row_count": 2962,
                "row_count": 205_663,
                "quarantined_count": 3,
            }
            for source, table, age, limit, is_full in tables
        ]
    )


def history() -> dict[str, pl.DataFrame]:
    """Two publishes; the second changed a value of PLOAR for two reasons, and the verdict on another."""
    rows = [
        _COMPANY | {"cause": "late_row", "effect": -0.04, "explanation": "a reading of f00001 came late"},
        _COMPANY | {"cause": "corrected_row", "effect": -0.06, "explanation": "f00002 was <corrected>"},
        _PERSON | {"cause": "changed_target", "effect": 0.0, "explanation": "the target of the goal was changed"},
        _COMPANY
        | {"cause": "new_period", "effect": None, "explanation": "the period is new", "period_start": date(2026, 1, 1)},
    ]
    numbered = [_PLOAR | row | {"item_number": place} for place, row in enumerate(rows, 1)]
    return {
        "metric_restatements": pl.DataFrame(numbered, infer_schema_length=None),
        "metric_value_history": pl.DataFrame({"publish_number": [1, 2]}),
    }
