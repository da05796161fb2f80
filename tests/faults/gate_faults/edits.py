"""Edits of what stood at a gate, made after the decision: each is shown, and none moves a score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from tests.faults.gate_faults.tables import DAY, HOUR, Feature, Suits, Tables, interviewed, shipped


@dataclass(frozen=True)
class Edit:
    """One edit of the past, and what the diff has to show for it: what changed, its id, and a gate that stood on it."""

    make: Callable[[Tables, Feature], None]
    changed: str
    changed_id: str
    gate: str
    suits: Suits
    feature_count: int = 1

    @property
    def name(self) -> str:
        return self.make.__name__


EDITS: list[Edit] = []


def edit(changed: str, changed_id: str, *, gate: str = "develop", suits: Suits = shipped) -> Callable[..., Any]:
    """Register a function that edits the extract taken after the original was landed."""

    def register(make: Callable[[Tables, Feature], None]) -> Callable[[Tables, Feature], None]:
        EDITS.append(Edit(make, changed, changed_id, gate, suits))
        return make

    return register


def develop(feature: Feature) -> dict[str, str]:
    return {"review_id": feature.develop}


@edit("confidence_score", "{0.develop}")
def confidence_raised_to_the_top(later: Tables, feature: Feature) -> None:
    later.change("stage_gate_review", develop(feature), confidence_score="4.5")


@edit("confidence_score", "{0.develop}")
def confidence_taken_away(later: Tables, feature: Feature) -> None:
    later.change("stage_gate_review", develop(feature), confidence_score=None)


@edit("outcome", "{0.develop}")
def develop_turned_into_a_fail(later: Tables, feature: Feature) -> None:
    later.change("stage_gate_review", develop(feature), outcome="fail")


@edit("decided_at", "{0.develop}")
def develop_moved_behind_the_launch(later: Tables, feature: Feature) -> None:
    later.change("stage_gate_review", develop(feature), decided_at=feature.shipped + DAY)


@edit("review", "{0.develop}")
def develop_removed(later: Tables, feature: Feature) -> None:
    later.remove("stage_gate_review", **develop(feature))


@edit("interview", "{0}-interview", suits=interviewed)
def interview_slipped_in_under_an_old_date(later: Tables, feature: Feature) -> None:
    before = feature.passed["discover"] - HOUR
    page_id = f"{feature}-interview"
    later.add(
        "interview",
        {"page_id": page_id, "person_id": "p", "customer_id": "c", "is_external": "true", "held_at": before},
    )
    later.add("brief_interview", {"brief_page_id": feature.brief, "interview_page_id": page_id, "linked_at": before})


@edit("interview", "{0.interviews[0]}", suits=interviewed)
def interview_link_removed(later: Tables, feature: Feature) -> None:
    later.remove("brief_interview", brief_page_id=feature.brief, interview_page_id=feature.interviews[0])


@edit("kpi", "{0.success_kpi}/2", gate="define")
def target_defined_anew_under_an_old_date(later: Tables, feature: Feature) -> None:
    later.repeat("feature_kpi_definition", feature.kpi(), target_value="0", defined_at=feature.passed["define"] - HOUR)


@edit("kpi", "{0.success_kpi}/1 edited 2", gate="define")
def target_written_over_in_place(later: Tables, feature: Feature) -> None:
    later.change("feature_kpi_definition", feature.kpi(), target_value="0")


@edit("kpi", "{0.success_kpi}/1 edited 2", gate="define")
def window_written_over_in_place(later: Tables, feature: Feature) -> None:
    (kpi,) = later.rows("feature_kpi_definition", **feature.kpi()).to_dicts()
    other = "30" if kpi["window_days"] != "30" else "60"
    later.change("feature_kpi_definition", feature.kpi(), window_days=other)


@edit("owner", "{0}")
def owner_written_over_in_place(later: Tables, feature: Feature) -> None:
    later.change("feature_owner", {"feature_id": str(feature)}, **somebody_else(later, feature))


@edit("owner", "{0}")
def owner_slipped_in_just_before_develop(later: Tables, feature: Feature) -> None:
    later.repeat(
        "feature_owner",
        {"feature_id": str(feature)},
        **somebody_else(later, feature) | {"valid_from": feature.passed["develop"] - HOUR},
    )


def somebody_else(tables: Tables, feature: Feature) -> dict[str, str]:
    """A product manager of another squad."""
    (squad,) = tables.rows("feature_owner", feature_id=str(feature))["squad"]
    others = tables["feature_owner"].filter(pl.col("squad") != squad)
    return others.sort("feature_id").select("pm_email", "squad").row(0, named=True)
