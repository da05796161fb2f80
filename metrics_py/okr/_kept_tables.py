"""What the files of a project's key results hold: their columns, what each cell may be, and what it refers to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

GRADES = ("asserted", "observed", "tested")
SIGNS = ("positive", "negative")
LEVELS = ("company", "squad", "person")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """One file: its key, the cells that must be filled, their kinds, and the columns that name rows of other files.

    `ranges` are the smallest and largest number a column may hold; `refers_to` maps a column to file and column.
    """

    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refers_to: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    is_needed: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, once."""
        return tuple(dict.fromkeys((*self.key, *self.required, *self.optional)))

    @property
    def filled(self) -> tuple[str, ...]:
        """The columns that must be filled."""
        return tuple(dict.fromkeys((*self.key, *self.required)))


ANY = (float("-inf"), float("inf"))
ABOVE_0 = (1e-9, float("inf"))
FROM_0 = (0.0, float("inf"))

TABLES: dict[str, KeptTable] = {
    "objectives": KeptTable(
        key=("objective_id",),
        required=("objective", "org_level", "owner_id", "period_start", "period_end"),
        optional=("squad_id", "goal_id"),
        dates=("period_start", "period_end"),
        choices={"org_level": LEVELS},
        refers_to={"goal_id": ("goals", "goal_id")},
    ),
    "key_results": KeptTable(
        key=("key_result_id",),
        required=(
            "objective_id",
            "name",
            "goal_type",
            "unit",
            "period_start",
            "period_end",
            "org_level",
            "owner_id",
            "cadence_days",
            "weight",
        ),
        optional=(
            "measure",
            "metric_id",
            "reading",
            "direction",
            "baseline",
            "baseline_on",
            "target",
            "original_target",
            "target_changed_on",
            "target_change_reason",
            "squad_id",
            "goal_id",
            "parent_key_result_id",
            "measurement_lag_days",
            "checkin_series",
        ),
        dates=("baseline_on", "target_changed_on", "period_start", "period_end"),
        ranges={
            "baseline": ANY,
            "target": ANY,
            "original_target": ANY,
            "cadence_days": ABOVE_0,
            "measurement_lag_days": FROM_0,
            "weight": ABOVE_0,
        },
        choices={"goal_type": ("reach", "maintain"), "direction": ("up", "down"), "org_level": LEVELS},
        refers_to={
            "objective_id": ("objectives", "objective_id"),
            "goal_id": ("goals", "goal_id"),
            "parent_key_result_id": ("key_results", "key_result_id"),
            "metric_id": ("metric_cards", "metric_id"),
        },
    ),
    "key_result_milestones": KeptTable(
        key=("key_result_id", "due_on"),
        required=("value",),
        dates=("due_on",),
        ranges={"value": ANY},
        refers_to={"key_result_id": ("key_results", "key_result_id")},
        is_needed=False,
    ),
    "key_result_links": KeptTable(
        key=("dependent_key_result_id", "key_result_id"),
        required=("mechanism", "expected_sign", "evidence_grade"),
        optional=("lag_days",),
        ranges={"lag_days": FROM_0},
        choices={"expected_sign": SIGNS, "evidence_grade": GRADES},
        refers_to={
            "dependent_key_result_id": ("key_results", "key_result_id"),
            "key_result_id": ("key_results", "key_result_id"),
        },
        is_needed=False,
    ),
    "initiatives": KeptTable(
        key=("initiative_id",),
        required=("name", "owner_id"),
        optional=("squad_id", "feature_id", "planned_launch_on"),
        dates=("planned_launch_on",),
        is_needed=False,
    ),
    "initiative_effects": KeptTable(
        key=("initiative_id", "key_result_id"),
        required=("mechanism", "expected_effect", "probability", "evidence_grade"),
        ranges={"expected_effect": ANY, "probability": (0.0, 1.0)},
        choices={"evidence_grade": GRADES},
        refers_to={
            "initiative_id": ("initiatives", "initiative_id"),
            "key_result_id": ("key_results", "key_result_id"),
        },
        is_needed=False,
    ),
    "learning_notes": KeptTable(
        key=("learning_id",),
        required=("period", "learned"),
        optional=("learned_on", "key_result_id", "initiative_id", "evidence", "written_by", "tags"),
        dates=("learned_on",),
        refers_to={
            "key_result_id": ("key_results", "key_result_id"),
            "initiative_id": ("initiatives", "initiative_id"),
        },
        is_needed=False,
    ),
    "causal_links": KeptTable(
        key=("lead_goal_id", "lag_goal_id"),
        required=("mechanism", "expected_sign", "lag_days", "evidence_grade"),
        ranges={"lag_days": FROM_0},
        choices={"expected_sign": SIGNS, "evidence_grade": GRADES},
        refers_to={"lead_goal_id": ("goals", "goal_id"), "lag_goal_id": ("goals", "goal_id")},
        is_needed=False,
    ),
}
"""The files that are checked cell by cell; goals and metric_cards are only referred to."""
