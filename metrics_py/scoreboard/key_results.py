"""The key results of a snapshot: their evaluations, outlooks, initiatives, learnings and links."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from metrics_py.scoreboard import words
from metrics_py.scoreboard.material import Material

Row = Mapping[str, Any]

_STATUS = [
    "key_result_id",
    "objective_id",
    "name",
    "goal_type",
    "metric_id",
    "owner_id",
    "squad_id",
    "period_start",
    "period_end",
    "evaluated_on",
    "baseline",
    "target",
    "current_value",
    "current_on",
    "unit",
    "progress",
    "expected_progress",
    "expected_mode",
    "pace_per_week",
    "required_per_week",
    "best_per_week",
    "p_hit",
    "forecast_value",
    "forecast_low_80",
    "forecast_high_80",
    "status",
    "status_reason",
    "readable_on",
    "confidence",
    "n_points",
    "matured_share",
    "other_rule_pace_gap_status",
    "other_rule_ratio_band_status",
    "rules_disagree",
    "override_status",
    "override_reason",
    "override_by",
    "override_expires_on",
    "is_override_live",
    "key_question",
    "recommendation",
    "has_recovery_plan",
    "recovery_plan",
    "is_escalated",
    "is_latest",
    "org_level",
    "readings_held",
    "readings_judged",
]
_FORECASTS = ["key_result_id", "made_on", "target_on", "method", "value", "low_80", "high_80", "low_95", "high_95"]
_INITIATIVES = [
    "key_result_id",
    "name",
    "owner_id",
    "feature_id",
    "launch_on",
    "planned_launch_on",
    "status",
    "effect",
    "probability",
    "evidence_grade",
    "mechanism",
    "is_orphan",
    "orphan_reason",
]


def has_key_results(material: Material) -> bool:
    """Whether the snapshot holds key results at all."""
    return material.snapshot.has("key_result_status")


class KeyResults:
    """The key results of a snapshot, newest evaluation first."""

    def __init__(self, material: Material) -> None:
        self._today = material.as_of.date()
        read = material.snapshot.read
        self.objectives = dict(read("dim_key_results", ["objective_id", "objective"]).iter_rows())
        self.directions = dict(read("dim_key_results", ["key_result_id", "direction"]).iter_rows())
        self.history = _grouped(
            read("key_result_status", _STATUS).sort("evaluated_on", descending=True, maintain_order=True).to_dicts()
        )
        forecasts = (
            read("key_result_forecasts", _FORECASTS).sort("made_on", descending=True, maintain_order=True).to_dicts()
        )
        self.outlooks = _grouped([row for row in forecasts if row["method"] == "mixture"])
        self.initiatives = _grouped(read("initiative_links", _INITIATIVES).to_dicts())
        self.learnings = _grouped(
            read("learnings", ["key_result_id", "period", "learned", "evidence", "written_by"]).to_dicts()
        )
        self.links = read(
            "goal_links",
            [
                "goal_id",
                "leads_to_goal_id",
                "mechanism",
                "lag_quarters",
                "evidence_grade",
                "n_quarters",
                "supports",
                "verdict",
            ],
        ).to_dicts()

    @property
    def running(self) -> list[Row]:
        """Those whose period is not over."""
        return [row for row in self.latest if row["period_end"] > self._today]

    @cached_property
    def latest(self) -> list[Row]:
        """The newest evaluation of each key result, those that run first, the worst of them on top."""
        order = [*words.KEY_RESULT_WORDS, *words.STATUS_WORDS]
        rows = [rows[0] for rows in self.history.values()]
        return sorted(
            rows, key=lambda row: (-row["period_end"].toordinal(), order.index(row["status"]), row["key_result_id"])
        )


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["key_result_id"]].append(row)
    return found
