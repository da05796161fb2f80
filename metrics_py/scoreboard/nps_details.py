"""What only the page of NPS has: the answers wave by wave and stratum by stratum."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from metrics_py.scoreboard import number
from metrics_py.scoreboard.detail_parts import (
    BAD,
    GOOD,
    PALE,
    figure,
    made_table,
    records,
    stack_drawing,
)
from metrics_py.scoreboard.drawer import Drawer
from metrics_py.scoreboard.listings import plain
from metrics_py.scoreboard.material import Material
from metrics_py.scoreboard.parts import Section, Table
from metrics_py.scoreboard.stack import Stack


def nps_sections(material: Material, drawer: Drawer) -> Sequence[Section]:
    """Its own sections."""
    columns = ["wave_id", "period_start", "promoter_count", "passive_count", "detractor_count", "scored_count"]
    columns += ["response_rate", "representativeness", "n_effective", "change", "change_ci_low", "change_ci_high"]
    columns += ["answers_needed", "covered_share", "nps", "unweighted_nps", "raked_nps"]
    rows = records(material, "nps_by_wave", columns, "period_start", where=None)
    if not rows:
        return []
    answers = Stack(
        "Answers by wave",
        [row["wave_id"] for row in rows],
        [
            ("promoters", GOOD, [row["promoter_count"] for row in rows]),
            ("passives", PALE, [row["passive_count"] for row in rows]),
            ("detractors", BAD, [row["detractor_count"] for row in rows]),
        ],
    )
    waves = made_table(
        "Waves, newest first",
        {
            "Wave": lambda row: row["wave_id"],
            "Post-stratified": lambda row: _points(row["nps"]),
            "Unweighted": lambda row: _points(row["unweighted_nps"]),
            "Raked": lambda row: _points(row["raked_nps"]),
            "Change": lambda row: _change(row),
            "Answers": lambda row: figure(row["scored_count"], "count"),
            "Response rate": lambda row: figure(row["response_rate"], "share"),
            "Answers needed": lambda row: figure(row["answers_needed"], "count"),
        },
        rows[::-1],
    )
    newest = rows[-1]["wave_id"]
    names = ["wave_id", "stratum", "frame_share", "respondent_share", "scored_count", "is_suppressed", "nps"]
    names += ["ci_low", "ci_high", "weight"]
    strata = records(material, "nps_by_stratum", names, "stratum", where=pl.col("wave_id") == newest)
    by_stratum = made_table(
        f"Strata of wave {newest}",
        {
            "Stratum": lambda row: row["stratum"].replace("|", ", "),
            "NPS": lambda row: "too few to show" if row["is_suppressed"] else _points(row["nps"]),
            "95% interval": _interval,
            "Answers": lambda row: figure(row["scored_count"], "count"),
            "Of users": lambda row: figure(row["frame_share"], "share"),
            "Of answers": lambda row: figure(row["respondent_share"], "share"),
            "Weight": lambda row: "" if row["weight"] is None else f"{row['weight']:.2f}",
        },
        strata,
    )
    return [
        Section("distribution", "Answer by answer", [stack_drawing(drawer, "Answers by wave", "", answers), waves]),
        Section("segments", "Who says what", [*_segments(material, newest), by_stratum]),
    ]


def _segments(material: Material, wave: str) -> list[Table]:
    """The answers of a wave by each segment that its people were sorted into; nothing where none is published."""
    if not material.snapshot.has("nps_by_segment"):
        return []
    names = ["wave_id", "segment_kind", "segment", "scored_count", "is_suppressed", "nps", "ci_low", "ci_high"]
    rows = records(material, "nps_by_segment", names, "segment_kind", where=pl.col("wave_id") == wave)
    columns = {
        "Segment": lambda row: row["segment"],
        "By": lambda row: plain(row["segment_kind"]),
        "NPS": lambda row: "too few to show" if row["is_suppressed"] else _points(row["nps"]),
        "95% interval": _interval,
        "Answers": lambda row: figure(row["scored_count"], "count"),
    }
    return [made_table(f"Segments of wave {wave}", columns, rows)]


def _interval(row: Mapping[str, Any]) -> str:
    return "" if row["ci_low"] is None else number.range_text(row["ci_low"], row["ci_high"], "nps")


def _change(row: Mapping[str, Any]) -> str:
    if row["change"] is None:
        return ""
    change = number.value_text(row["change"], "nps")
    return f"{change} ({number.range_text(row['change_ci_low'], row['change_ci_high'], 'nps')})"


def _points(value: float | None) -> str:
    return "no value" if value is None else number.value_text(value, "nps")
