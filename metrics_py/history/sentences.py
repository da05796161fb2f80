"""A restatement in one plain sentence."""

from collections.abc import Mapping
from typing import Any

from metrics_py.history.causes import Change

_ROWS = {
    "feature": "Feature",
    "insight": "Insight",
    "note": "Note",
    "survey_response": "Answer",
    "sampled_user": "Drawn user",
    "account_month": "Account and month",
}
_ROLES = {
    "amount": "amount",
    "answer": "answer",
    "brief": "link to its Discovery Brief",
    "brief_page": "Discovery Brief",
    "card": "card",
    "card_status": "card status",
    "draw": "place in the draw",
    "gate_review": "gate review",
    "interview": "interview",
    "interview_link": "interview link",
    "interview_override": "stated interview count",
    "interview_property": "list of interviews",
    "kpi_definition": "KPI definition",
    "kpi_reading": "KPI reading",
    "last_amount": "amount of the month before",
    "launch": "launch",
    "link": "link",
    "note": "note",
    "owner": "owner",
    "release": "release",
    "tag": "tag",
    "webhook": "webhook",
}
_CAUSES = {
    "late_row": "{row}: its {role}{on} landed after the earlier publish",
    "corrected_row": "{row}: its {role} says something else than at the earlier publish",
    "deleted_row": "{row}: its {role} is gone from the source",
    "retagged_insight": "{row}: a tag or a link of it was added or taken away",
    "moved_owner": "{row} counts for another {level} than at the earlier publish",
    "matured": "{row} happened or became old enough to count after the earlier publish",
    "changed_definition": "{row} counts otherwise because the definition, the code or a setting was changed",
}
_WITHOUT_ROW = {
    "new_period": "There was no value at the earlier publish.",
    "changed_target": "The target was changed.",
    "changed_definition": "The definition, the code or a setting was changed.",
    "matured": "Time passed.",
}


def sentence(item: Mapping[str, Any], change: Change | None) -> str:
    """What a row of the ledger says, in one sentence.

    Examples:
        >>> from datetime import datetime
        >>> item = {"cause": "late_row", "row_kind": "feature", "row_id": "f-1", "org_level": "company",
        ...         "component": "rate"}
        >>> sentence(item, Change("kpi_reading", "new", datetime(2025, 10, 9), "product_ops/r/a.csv", 7))
        'Feature f-1: its KPI reading of 2025-10-09 landed after the earlier publish (product_ops/r/a.csv, record 7).'
    """
    cause = str(item["cause"])
    if item["row_id"] is None:
        return _WITHOUT_ROW[cause]
    row = f"{_ROWS[item['row_kind']]} {item['row_id']}"
    if item["component"] == "mix" and item["metric_id"] == "nps":
        return f"{row} weighs otherwise, because another answer of its stratum came, went or changed."
    role = _ROLES.get(change.role, change.role) if change else "record"
    on = f" of {change.happened_at:%Y-%m-%d}" if change and change.happened_at else ""
    text = _CAUSES[cause].format(row=row, role=role, on=on, level=item["org_level"])
    return text + (f" ({change.source_file}, record {change.source_row})." if change else ".")
