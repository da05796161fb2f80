"""What only the page of DDQS has: the score feature by feature and quarter, and which part of it is short."""

from collections.abc import Sequence

from metrics_py.scoreboard.detail_parts import (
    BAD,
    GOOD,
    PALE,
    PLAIN,
    figure,
    made_table,
    quarter_text,
    records,
    stack_drawing,
)
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Section
from metrics_py.scoreboard.stack import Stack


def ddqs_sections(material: Material, drawer: Drawer) -> Sequence[Section]:
    """Its own sections."""
    columns = ["quarter_start", "quarter_end", "shipped_count", "scored_count", "at_target_count", "mean_confidence"]
    columns += ["mean_interviews", "few_interviews_count", "ipf_failed_count", "mean_discover_days", "mean_define_days"]
    rows = records(material, "ddqs_by_quarter", columns, "quarter_start")
    quarters = Stack(
        "Features by quarter",
        [quarter_text(row) for row in rows],
        [
            ("at or above target", GOOD, [row["at_target_count"] for row in rows]),
            ("below target", BAD, [row["scored_count"] - row["at_target_count"] for row in rows]),
            ("without a score", PALE, [row["shipped_count"] - row["scored_count"] for row in rows]),
        ],
    )
    scores = [feature.ddqs for feature in material.features if feature.ddqs is not None]
    counts = {score: sum(score <= value < score + 1 for value in scores) for score in _whole(scores)}
    spread = Stack("Scores", [str(score) for score in counts], [("features", PLAIN, list(counts.values()))])
    diagnosis = made_table(
        "What the score is made of, by quarter",
        {
            "Quarter": quarter_text,
            "Mean confidence": lambda row: figure(row["mean_confidence"], "score"),
            "Mean interviews": lambda row: figure(row["mean_interviews"], "score"),
            "Under five interviews": lambda row: figure(row["few_interviews_count"], "count"),
            "IPF failures": lambda row: figure(row["ipf_failed_count"], "count"),
            "Days in Discover": lambda row: figure(row["mean_discover_days"], "score"),
            "Days in Define": lambda row: figure(row["mean_define_days"], "score"),
        },
        rows[::-1],
    )
    return [
        Section(
            "distribution",
            "Feature by feature",
            [
                stack_drawing(drawer, "Scores of all shipped features", "Each column is a whole score and up.", spread),
                stack_drawing(drawer, "Shipped features by quarter", "", quarters),
            ],
        ),
        Section("diagnosis", "Which part is short", [diagnosis]),
    ]


def _whole(scores: Sequence[float]) -> range:
    return range(int(min(scores)), int(max(scores)) + 1) if scores else range(0)
