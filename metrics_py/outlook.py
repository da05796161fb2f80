"""The insights of one org unit as published, and which of the open ones a person means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from metrics_py.errors import UnusableInputError
from metrics_py.what_if import COLUMNS


@dataclass(frozen=True)
class KnownInsights:
    """Insights of one org unit with what CIRCT is read by: the window, the percentile and the two targets."""

    name: str
    insights: pl.DataFrame
    today: date
    window_days: int
    percentile: float
    limit_days: int
    target_share: float

    def choose(self, *, insights: Sequence[str] | None = None, features: Sequence[str] | None = None) -> list[str]:
        """Ids of open insights: those named, those that wait for some features, or (neither) those past the limit.

        Raises:
            UnusableInputError: there are none.
        """
        if insights:
            return list(insights)
        is_open = self.insights.filter(pl.col("state") == "open")
        if features:
            chosen = is_open.filter(pl.col("first_card_feature_id").is_in(list(features)))
            nothing = f"no open insight of {self.name} waits for {', '.join(features)}"
        else:
            age = (pl.lit(self.today) - pl.col("started_on")).dt.total_days()
            chosen = is_open.filter(age > self.limit_days)
            nothing = f"no open insight of {self.name} is past {self.limit_days} days"
        if chosen.height == 0:
            raise UnusableInputError(f"{nothing}; the open ones are in the published table ageing_insights")
        return chosen["insight_id"].sort().to_list()


def read_insights(published: Path, *, pm: str | None = None, squad: str | None = None) -> KnownInsights:
    """Insights of a product manager, a squad or (neither) the company, from a published snapshot.

    Raises:
        WarehouseError: nothing is published there.
        UnusableInputError: no such product manager or squad.
    """
    from metrics_py.publish.reader import Snapshot

    snapshot = Snapshot(published)
    insights = snapshot.read("fct_insights", [*COLUMNS, "first_card_feature_id", "person_id", "squad_id"])
    column, name = ("person_id", pm and pm.strip().lower()) if pm else ("squad_id", squad)
    if name:
        names = insights[column].drop_nulls().unique().sort().to_list()
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
            raise UnusableInputError(f"no insight belongs to {name}; {hint}")
        insights = insights.filter(pl.col(column) == name)
    card = snapshot.read("dim_metrics", ["window_days", "percentile"], where=pl.col("metric_id") == "circt").row(0)
    day = snapshot.read("circt_by_day", ["day"])["day"].max()
    conditions = snapshot.read(
        "metric_values", ["reading", "target"], where=pl.col("metric_id") == "circt"
    ).drop_nulls()
    targets = dict(conditions.unique().rows())
    if not isinstance(day, date) or not {"p90_launched", "share_within_45"} <= targets.keys():
        raise UnusableInputError("CIRCT is not published with its targets; build again: metrics-py build")
    return KnownInsights(
        name=name or "the company",
        insights=insights,
        today=day,
        window_days=card[0],
        percentile=card[1],
        limit_days=round(targets["p90_launched"]),
        target_share=targets["share_within_45"],
    )
